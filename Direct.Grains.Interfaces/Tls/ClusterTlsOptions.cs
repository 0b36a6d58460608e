namespace Direct.Grains.Tls;

/// <summary>
/// Configures TLS between silos, and between gateways and silos, with certificates on both sides. It is off unless one of these settings is given.
/// All nodes of a cluster must use it, or none.
/// </summary>
public sealed class ClusterTlsOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:ClusterTls";

    /// <summary>
    /// Gets or sets a PEM file with this node's certificate, followed by the intermediate certificates. It must be valid for servers and clients.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>Gets or sets a PEM file with the private key of <see cref="Certificate"/>, not encrypted.</summary>
    public string? Key { get; set; }

    /// <summary>Gets or sets a PEM file with the certificates of the authorities whose nodes are accepted. No others count, not even those of the system.</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// Gets or sets a DNS name that the certificate of every node must contain, for example <c>direct.internal</c>. Default: not set, any certificate of
    /// the authority is accepted.
    /// </summary>
    public string? PeerName { get; set; }

    /// <summary>Gets whether TLS is used.</summary>
    public bool IsOn => Certificate is not null || Key is not null || Authority is not null || PeerName is not null;
}
