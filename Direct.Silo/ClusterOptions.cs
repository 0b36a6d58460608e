namespace Direct.Silo;

/// <summary>Which cluster this silo belongs to. Gateways have the same settings.</summary>
public sealed class ClusterOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Cluster";

    /// <summary><c>localhost</c>, the default: a cluster of this silo alone, on the loopback address. <c>mysql</c>: its members are in a database. On the command line <c>cluster=</c>.</summary>
    public string Provider { get; set; } = "localhost";

    /// <summary>The database of the cluster's members, with <c>mysql</c>: <c>Server=…;Port=3306;User ID=…;Password=…;Database=…</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Silos and gateways of other cluster ids do not know each other. 1 to 150 characters. Default <c>direct</c>.</summary>
    public string ClusterId { get; set; } = "direct";

    /// <summary>The same for all versions of a cluster. Default <c>direct</c>.</summary>
    public string ServiceId { get; set; } = "direct";

    /// <summary>Whether <see cref="Provider"/> is <c>mysql</c>.</summary>
    internal bool IsMySql => Provider == "mysql";
}
