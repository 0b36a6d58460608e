namespace Direct.Edge.Identity;

/// <summary>Configures which proxies may name the address of a client.</summary>
public sealed class IdentityOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Identity";

    /// <summary>
    /// Gets the networks whose address headers count, in CIDR form (<c>10.0.0.0/8</c>). Default: loopback, private and link-local networks. The
    /// single entry <c>none</c> trusts no proxy.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];
}
