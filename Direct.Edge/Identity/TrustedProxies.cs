using System.Net;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Holds the networks whose address headers count.</summary>
internal sealed class TrustedProxies
{
    /// <summary>Specifies the entry that trusts no proxy.</summary>
    public const string None = "none";

    /// <summary>Defines the loopback, private and link-local networks, which are trusted by default.</summary>
    public static readonly IReadOnlyList<string> PrivateNetworks =
    [
        "127.0.0.0/8", "::1/128",
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
        "169.254.0.0/16", "fe80::/10",
    ];

    private readonly NetworkSet _networks;

    public TrustedProxies(IOptions<IdentityOptions> options)
    {
        var entries = options.Value.TrustedProxies;
        _networks = new NetworkSet(entries.Count == 0 ? PrivateNetworks : entries.Where(entry => entry != None));
    }

    public bool Contains(IPAddress address) => _networks.Contains(address);
}
