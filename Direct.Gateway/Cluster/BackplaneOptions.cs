using System.ComponentModel.DataAnnotations;
using Direct.Grains.Membership;

namespace Direct.Gateway.Cluster;

/// <summary>Configures how a gateway behaves in its cluster. <see cref="ClusterOptions"/>, in the same section, say which cluster that is.</summary>
public sealed class BackplaneOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = ClusterOptions.SectionName;

    /// <summary>Gets or sets this gateway's name for people, for example in receipts. Default host and port.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// Gets or sets the time without a renewed lease after which the gateway closes its connections, counted from the start of the last successful
    /// renewal. Default 15 s; at least a second shorter than the silos' <c>Direct:Registry:LeaseDuration</c> (20 s), or they refuse the gateway.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan FenceAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how often the lease is renewed. Default 2 s; under a third of <see cref="FenceAfter"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets how many observers share the lanes, which is the number of calls to this gateway that one silo may have in flight. Default 4.
    /// </summary>
    [Range(1, 64)]
    public int Stripes { get; set; } = 4;

    /// <summary>Gets or sets the number of subscribe calls that may be in flight. Default 128.</summary>
    [Range(1, 10_000)]
    public int MaxSubscribeCalls { get; set; } = 128;

    /// <summary>Gets or sets the number of bytes that may wait or be unacknowledged in one lane before its publishers wait. Default 1 MiB.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxLaneBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets the number of bytes, over all lanes, that may wait for gateways that have answered nothing for a second. They do not count for
    /// their lanes, so that an unresponsive gateway blocks no publisher. Above the limit the publishers of these lanes wait until its lease is over.
    /// Default 64 MiB.
    /// </summary>
    [Range(0, 16L * 1024 * 1024 * 1024)]
    public long MaxUnresponsiveBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Gets or sets how long a client's broadcast is tried before it is given up. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan BroadcastTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
