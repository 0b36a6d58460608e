using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>Groups the settings that all links of a silo share.</summary>
internal sealed record LinkSettings(TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Gets whether this silo must not deliver now, because the cluster may have continued without it.</summary>
    public Func<bool> IsFenced { get; init; } = static () => false;

    /// <summary>Called for each call that fails.</summary>
    public Action DeliveryFailed { get; init; } = static () => { };

    /// <summary>Called with the change of the number of waiting bytes.</summary>
    public Action<long> Waiting { get; init; } = static _ => { };

    /// <summary>Gets or sets the limit of one call in bytes. A single larger batch still goes, alone.</summary>
    public int MaxCallBytes { get; init; } = 256 * 1024;

    /// <summary>Gets or sets the time without an answer after which publishers no longer wait for a call.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets the time without an answer after which a gateway counts as hung: longer than a gateway holds an answer back to slow its publishers down.</summary>
    public TimeSpan UnresponsiveAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the delay before a failed call is repeated.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets or sets the longest delay after repeated failures.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
