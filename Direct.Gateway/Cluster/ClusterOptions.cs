using System.ComponentModel.DataAnnotations;

namespace Direct.Gateway.Cluster;

/// <summary>Which cluster this gateway belongs to, and how it behaves in it.</summary>
public sealed class ClusterOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Cluster";

    /// <summary>
    /// <c>localhost</c>, the default: a silo in this process, a cluster of one. <c>mysql</c>: a cluster whose members are in a database.
    /// <c>none</c>: no silo and no cluster, signals stay in this process. On the command line <c>cluster=</c>.
    /// </summary>
    public string Provider { get; set; } = "localhost";

    /// <summary>The database of the cluster's members, with <c>mysql</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Silos and gateways of other cluster ids do not know each other. Default <c>direct</c>.</summary>
    public string ClusterId { get; set; } = "direct";

    /// <summary>The same for all versions of a cluster. Default <c>direct</c>.</summary>
    public string ServiceId { get; set; } = "direct";

    /// <summary>This gateway's name for people, in receipts for instance. Default host and port.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// After how long without a renewed lease the gateway closes its connections, counted from the start of the last renewal that
    /// succeeded. Default 15 s; at least a second shorter than the silos' <c>Direct:Registry:LeaseDuration</c> (20 s), or they refuse it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan FenceAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the lease is renewed. Default 2 s; under a third of <see cref="FenceAfter"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many observers share the lanes: calls that may be under way to this gateway from one silo. Default 4.</summary>
    [Range(1, 64)]
    public int Stripes { get; set; } = 4;

    /// <summary>How many subscribe calls may be under way at once. Default 128.</summary>
    [Range(1, 10_000)]
    public int MaxSubscribeCalls { get; set; } = 128;

    /// <summary>Bytes that may wait or be unacknowledged in one lane before its publishers wait. Default 1 MiB.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxLaneBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Bytes that may wait, over all lanes, for gateways that have answered nothing for a second; they do not count for their lanes, so
    /// that a gateway that hangs holds up nobody. Past it their lanes' publishers wait until its lease is over. Default 64 MiB.
    /// </summary>
    [Range(0, 16L * 1024 * 1024 * 1024)]
    public long MaxSetAsideBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a client's broadcast is tried before it is given up. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan BroadcastTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Whether <see cref="Provider"/> is <c>none</c>.</summary>
    internal bool IsNone => Provider == "none";

    /// <summary>Whether <see cref="Provider"/> is <c>mysql</c>.</summary>
    internal bool IsMySql => Provider == "mysql";
}
