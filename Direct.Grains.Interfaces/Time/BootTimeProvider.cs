using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Direct.Grains.Time;

/// <summary>
/// Provides timestamps that include the time for which the machine is suspended: CLOCK_BOOTTIME. Wall time and timers are those of the system.
/// </summary>
/// <remarks>
/// Leases and fences need it. .NET's own timestamps are CLOCK_MONOTONIC on Linux, which stops in a suspended machine. After it resumes, the machine
/// would use a lease that ended long ago. Reading it costs 25 ns, as much as .NET's. On other systems these are .NET's timestamps.
/// </remarks>
public unsafe partial class BootTimeProvider : TimeProvider
{
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly bool HasBootTime = OperatingSystem.IsLinux() && Environment.Is64BitProcess && TryRead(out _);

    /// <inheritdoc />
    public override long TimestampFrequency => HasBootTime ? NanosecondsPerSecond : Stopwatch.Frequency;

    /// <inheritdoc />
    public override long GetTimestamp() => HasBootTime && TryRead(out var now) ? now : Stopwatch.GetTimestamp();

    private static bool TryRead(out long nanoseconds)
    {
        var now = stackalloc long[2]; // seconds, and nanoseconds
        nanoseconds = GetTime(BootTime, now) == 0 ? (now[0] * NanosecondsPerSecond) + now[1] : 0;
        return nanoseconds != 0;
    }

    // It is short, never blocks and does not call back; the transition to native code would cost as much as the call.
    [LibraryImport("libc", EntryPoint = "clock_gettime"), SuppressGCTransition]
    private static partial int GetTime(int clock, long* now);
}
