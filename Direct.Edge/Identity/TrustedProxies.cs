using System.Net;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>The networks whose address headers count.</summary>
internal sealed class TrustedProxies
{
    /// <summary>The entry that stands for "nobody".</summary>
    public const string None = "none";

    private static readonly string[] Defaults =
    [
        "127.0.0.0/8", "::1/128",
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
        "169.254.0.0/16", "fe80::/10",
    ];

    private readonly IPNetwork[] _networks;

    public TrustedProxies(IOptions<IdentityOptions> options)
    {
        var entries = options.Value.TrustedProxies;
        IEnumerable<string> texts = entries.Count == 0 ? Defaults : entries.Where(entry => entry != None);
        _networks = [.. texts.Select(Parse)];
    }

    /// <summary>Parses a network in CIDR form, or a single address.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    public bool Contains(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork Parse(string text) =>
        TryParse(text, out var network) ? network : throw new FormatException($"'{text}' is no network in CIDR form."); // validated at start
}
