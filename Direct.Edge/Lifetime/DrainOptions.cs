using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Lifetime;

/// <summary>Configures the times of an orderly shutdown (SIGTERM).</summary>
public sealed class DrainOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Drain";

    /// <summary>
    /// Gets or sets how long <c>/readyz</c> answers 503 before the node stops accepting, so that load balancers remove it first. Default 5 s; with
    /// <c>env=test</c> 0.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan? ReadyDelay { get; set; }

    /// <summary>Gets or sets the longest time over which the connections are closed. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the number of connections that are closed per second if that takes less than <see cref="Window"/>; otherwise as many as necessary
    /// are closed. Default 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ClosesPerSecond { get; set; } = 100;
}
