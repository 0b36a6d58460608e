using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>Groups the settings that all links of a silo share.</summary>
internal sealed record LinkSettings(TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Gets whether this silo must not deliver now, because the cluster may have continued without it.</summary>
    public Func<bool> IsFenced { get; init; } = static () => false;

    /// <summary>Gets the action that is called for each failed call.</summary>
    public Action DeliveryFailed { get; init; } = static () => { };

    /// <summary>Gets the action that is called with the change of the number of waiting bytes.</summary>
    public Action<long> Waiting { get; init; } = static _ => { };

    /// <summary>Gets the limit of one call in bytes. A single larger batch still goes, alone.</summary>
    public int MaxCallBytes { get; init; } = 256 * 1024;

    /// <summary>Gets the time without an answer after which publishers no longer wait for a call.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Gets the time without an answer after which a gateway counts as unresponsive. It is longer than a gateway delays an answer to slow its
    /// publishers down.
    /// </summary>
    public TimeSpan UnresponsiveAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the delay before a failed call is repeated.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets the longest delay after repeated failures.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
