using System.Buffers.Binary;
using Direct.Testing.Processes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Direct.Testing.Time;

/// <summary>
/// Represents the wall clock that a process under test reads, ahead of the true one or behind it. Its monotonic clock stays as it is, as on a machine
/// whose clock is corrected.
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

    /// <summary>Gets what makes a process read this clock.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Path.Combine(_folder, "wallclock.so"),
        ["DIRECT_WALL_CLOCK"] = Path.Combine(_folder, "offset"),
    };

    /// <summary>Gets how far ahead of the true time it is, in whole seconds; negative when it is behind. A running process sees a change at once.</summary>
    public TimeSpan Offset
    {
        get => _offset;
        set => Write(_offset = value, 0);
    }

    /// <summary>
    /// Gets or sets how long the machine has been suspended, in whole seconds, as the process sees it: the clock that counts it jumps and the monotonic
    /// clock does not. The wall clock stays as it is.
    /// </summary>
    public TimeSpan Suspended
    {
        get => _suspended;
        set => Write(_suspended = value, sizeof(long));
    }

    /// <summary>Makes a clock that is right. Without a C compiler the test is skipped.</summary>
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
