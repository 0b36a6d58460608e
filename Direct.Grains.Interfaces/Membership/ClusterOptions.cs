namespace Direct.Grains.Membership;

/// <summary>Configures the cluster of a silo or a gateway.</summary>
public sealed class ClusterOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Cluster";

    /// <summary>
    /// Gets or sets the kind of cluster. <c>localhost</c>, the default: one silo, alone or in the process of a gateway. <c>mysql</c>: a cluster whose
    /// members are recorded in a database. <c>none</c>, for gateways only: no silo and no cluster; signals stay in this process. On the command line
    /// <c>cluster=</c>.
    /// </summary>
    public string Provider { get; set; } = "localhost";

    /// <summary>Gets or sets the database of the cluster's members, with <c>mysql</c>: <c>Server=…;Port=3306;User ID=…;Password=…;Database=…</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Gets or sets the cluster id. Silos and gateways with different ids do not see each other. 1 to 150 characters. Default <c>direct</c>.
    /// </summary>
    public string ClusterId { get; set; } = "direct";

    /// <summary>Gets or sets the service id, which is the same for all versions of a cluster. 1 to 150 characters. Default <c>direct</c>.</summary>
    public string ServiceId { get; set; } = "direct";

    /// <summary>Gets whether <see cref="Provider"/> is <c>none</c>.</summary>
    internal bool IsNone => Provider == "none";

    /// <summary>Gets whether <see cref="Provider"/> is <c>mysql</c>.</summary>
    internal bool IsMySql => Provider == "mysql";
}
