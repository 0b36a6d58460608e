namespace Direct.Grains.Hosting;

/// <summary>
/// A wall clock that is read once, at its creation, and goes on with the monotonic clock. Orleans compares wall times that it has taken
/// within one process; when the system's clock is set, its timers stand still for as long or activations can no longer be made.
/// </summary>
public sealed class SteadyTimeProvider : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startTimestamp = System.GetTimestamp();

    /// <summary>The time at the creation and what has passed since.</summary>
    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(_startTimestamp);
}
