using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>What all links of a silo share.</summary>
internal sealed record LinkSettings(TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Whether this silo may not speak for the cluster now.</summary>
    public Func<bool> IsFenced { get; init; } = static () => false;

    /// <summary>Told of each call that fails.</summary>
    public Action DeliveryFailed { get; init; } = static () => { };

    /// <summary>Told how many bytes more wait, or fewer.</summary>
    public Action<long> Waiting { get; init; } = static _ => { };

    /// <summary>How much one call carries at most, unless a single batch is larger.</summary>
    public int MaxCallBytes { get; init; } = 256 * 1024;

    /// <summary>After how long without an answer nobody waits for a call.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After how long without an answer a gateway is more than slow.</summary>
    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call that failed waits before it is repeated.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long it waits at most after failing again and again.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
