using System.ComponentModel.DataAnnotations;
using Direct.Grains.Membership;

namespace Direct.Gateway.Cluster;

/// <summary>How a gateway behaves in its cluster. Which cluster that is, <see cref="ClusterOptions"/> say in the same section.</summary>
public sealed class BackplaneOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = ClusterOptions.SectionName;

    /// <summary>This gateway's name for people, in receipts for instance. Default host and port.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// After how long without a renewed lease the gateway closes its connections, counted from the start of the last renewal that
    /// succeeded. Default 15 s; at least a second shorter than the silos' <c>Direct:Registry:LeaseDuration</c> (20 s), or they refuse it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan FenceAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how often the lease is renewed. Default 2 s; under a third of <see cref="FenceAfter"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how many observers share the lanes: calls that may be under way to this gateway from one silo. Default 4.</summary>
    [Range(1, 64)]
    public int Stripes { get; set; } = 4;

    /// <summary>Gets or sets how many subscribe calls may be under way at once. Default 128.</summary>
    [Range(1, 10_000)]
    public int MaxSubscribeCalls { get; set; } = 128;

    /// <summary>Gets or sets bytes that may wait or be unacknowledged in one lane before its publishers wait. Default 1 MiB.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxLaneBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets bytes that may wait, over all lanes, for gateways that have answered nothing for a second; they do not count for their lanes, so
    /// that a gateway that hangs holds up nobody. Past it their lanes' publishers wait until its lease is over. Default 64 MiB.
    /// </summary>
    [Range(0, 16L * 1024 * 1024 * 1024)]
    public long MaxSetAsideBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Gets or sets how long a client's broadcast is tried before it is given up. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan BroadcastTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
