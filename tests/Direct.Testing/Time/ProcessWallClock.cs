using System.Buffers.Binary;
using Direct.Testing.Processes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Direct.Testing.Time;

/// <summary>
/// Represents the wall clock of a process under test, which may be ahead of the true time or behind it. The monotonic clock does not change, as on a
/// machine whose clock is corrected.
/// </summary>
public sealed class ProcessWallClock : IDisposable
{
    private readonly string _folder;
    private readonly SafeFileHandle _file;
    private TimeSpan _offset;
    private TimeSpan _suspended;

    private ProcessWallClock(string folder)
    {
        _folder = folder;
        _file = File.OpenHandle(Path.Combine(folder, "offset"), FileMode.CreateNew, FileAccess.Write);
    }

    /// <summary>Gets the environment variables that make a process read this clock.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Path.Combine(_folder, "wallclock.so"),
        ["DIRECT_WALL_CLOCK"] = Path.Combine(_folder, "offset"),
    };

    /// <summary>
    /// Gets or sets how far the clock is ahead of the true time, in whole seconds; negative when it is behind. A running process sees a change at
    /// once.
    /// </summary>
    public TimeSpan Offset
    {
        get => _offset;
        set => Write(_offset = value, 0);
    }

    /// <summary>
    /// Gets or sets how long the machine appears to have been suspended, in whole seconds. The clock that counts suspended time jumps; the monotonic
    /// clock and the wall clock do not.
    /// </summary>
    public TimeSpan Suspended
    {
        get => _suspended;
        set => Write(_suspended = value, sizeof(long));
    }

    /// <summary>Creates a clock with the given offset; skips the test without a C compiler.</summary>
    public static async Task<ProcessWallClock> CreateAsync(TimeSpan offset = default)
    {
        var compiler = InstalledProgram.Find("cc");
        Assert.SkipWhen(compiler is null, "no C compiler (cc), which makes the clock that can be set: apt-get install build-essential");
        var clock = new ProcessWallClock(Directory.CreateTempSubdirectory("direct-clock-").FullName) { Offset = offset };
        await using var compile = Command.Start(
            compiler!,
            ["-shared", "-fPIC", "-O2", "-o", clock.Environment["LD_PRELOAD"], Path.Combine(Repository.Root, "tests", "Direct.Testing", "Time", "wallclock.c")]);
        await compile.EndsWellAsync();
        return clock;
    }

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Write(TimeSpan value, int at)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)value.TotalSeconds);
        RandomAccess.Write(_file, bytes, at);
    }
}
