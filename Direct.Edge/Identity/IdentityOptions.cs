namespace Direct.Edge.Identity;

/// <summary>Decides which proxies may name the address of a client.</summary>
public sealed class IdentityOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Identity";

    /// <summary>
    /// Gets networks whose address headers count, in CIDR form (<c>10.0.0.0/8</c>). Default: loopback, private and link-local networks.
    /// One entry <c>none</c> trusts nobody.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];
}
