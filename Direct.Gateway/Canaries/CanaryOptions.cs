using System.ComponentModel.DataAnnotations;

namespace Direct.Gateway.Canaries;

/// <summary>How a gateway finds out whether the silos reach it: by a signal that it sends to itself through each of them.</summary>
public sealed class CanaryOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Canary";

    /// <summary>How often one is sent through each silo. Default 3 s; 0: never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>After how long one that has not arrived counts as failed. Default 2 s; at most <see cref="Interval"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// For how long the canaries through all silos must fail, while the lease is renewed, before <c>/readyz</c> answers 503. Default 10 s; at
    /// least <see cref="Interval"/> and <see cref="Timeout"/> together, so that two in a row have failed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan NotReadyAfter { get; set; } = TimeSpan.FromSeconds(10);
}
