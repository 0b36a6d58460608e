namespace Direct.Grains.Tls;

/// <summary>
/// TLS between silos, and between gateways and silos, with certificates both ways. Off unless one of these is set; all nodes of a cluster
/// have it, or none.
/// </summary>
public sealed class ClusterTlsOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:ClusterTls";

    /// <summary>
    /// A PEM file with this node's certificate, and behind it those between it and the authority's. It must be good for servers and clients.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the private key of <see cref="Certificate"/>, not encrypted.</summary>
    public string? Key { get; set; }

    /// <summary>A PEM file with the certificates of the authorities whose nodes are let in. No others count, those of the system neither.</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// A DNS name that the certificate of every node must carry, <c>direct.internal</c> for instance. Default: not set, any certificate of
    /// the authority will do.
    /// </summary>
    public string? PeerName { get; set; }

    /// <summary>Whether there is to be TLS.</summary>
    public bool IsOn => Certificate is not null || Key is not null || Authority is not null || PeerName is not null;
}
