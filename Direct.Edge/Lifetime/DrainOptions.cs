using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Lifetime;

/// <summary>How a node goes down when it is told to (SIGTERM).</summary>
public sealed class DrainOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Drain";

    /// <summary>
    /// How long <c>/readyz</c> answers 503 before the node stops accepting, so that load balancers take it out first. Default 5 s; in
    /// <c>env=test</c> 0.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan? ReadyDelay { get; set; }

    /// <summary>The longest time over which the connections are closed. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections are closed per second when that takes less than <see cref="Window"/>; else as many as it takes. Default 100.</summary>
    [Range(1, 1_000_000)]
    public int ClosesPerSecond { get; set; } = 100;
}
