using Direct.Grains.Time;

namespace Direct.Grains.Hosting;

/// <summary>
/// Provides a wall clock that is set once, at the start, and continues with the clock that counts the time since the machine was booted, including
/// suspension. Its timestamps count from its creation.
/// </summary>
/// <remarks>
/// Orleans compares wall times that it has read within one process. When the system's clock is set, its timers stop for that time or no activation
/// can be created. Orleans 10.4 also starts the thread of its watchdog before it sets the time of the last health check. That thread then reads 0,
/// and with the machine's timestamps it would report a check that has been running for as long as the machine is up.
/// </remarks>
public sealed class SteadyTimeProvider : BootTimeProvider
{
    private readonly long _startTimestamp;
    private DateTimeOffset _start = System.GetUtcNow();

    /// <summary>Starts at the wall time of the machine.</summary>
    public SteadyTimeProvider() => _startTimestamp = base.GetTimestamp();

    /// <summary>Returns the time of the creation plus the time that has passed since.</summary>
    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(0);

    /// <summary>Returns the time that has passed since the creation.</summary>
    public override long GetTimestamp() => base.GetTimestamp() - _startTimestamp;

    /// <summary>Sets the clock, before it is read.</summary>
    public void Set(DateTimeOffset now) => _start = now - GetElapsedTime(0);
}
