using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Direct.Edge.Identity;

/// <summary>Reads networks from settings. It is strict: a text that could be mistaken for another network is refused.</summary>
internal static class NetworkText
{
    /// <summary>Parses a network in CIDR form, or a single address.</summary>
    /// <returns>The error as the end of a sentence; null if there is none.</returns>
    public static string? TryParse(string? text, out IPNetwork network)
    {
        network = default;
        var parts = (text ?? "").Split('/', 2);
        if (!AddressText.TryParse(parts[0], out var address))
        {
            return "it must be a network in CIDR form (10.0.0.0/8) or a single address (10.0.0.1)";
        }

        var bits = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        if (!TryParsePrefix(parts, bits, out var prefix))
        {
            return $"its prefix must be a number from 0 to {bits}";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return $"an IPv4 address mapped into IPv6 counts as IPv4: write {Suggestion(address.MapToIPv4(), prefix - 96)}";
        }

        network = new IPNetwork(address, prefix);
        return network.BaseAddress.Equals(address)
            ? null
            : $"bits are set behind its prefix: write {network} for the network, or {address} for the one address";
    }

    private static bool TryParsePrefix(string[] parts, int bits, out int prefix)
    {
        prefix = bits;
        return parts.Length == 1
            || (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
                && prefix <= bits
                && prefix.ToString(CultureInfo.InvariantCulture) == parts[1]);
    }

    private static string Suggestion(IPAddress address, int prefix) => prefix switch
    {
        32 => address.ToString(),
        < 0 => "the IPv4 network",
        _ => new IPNetwork(address, prefix).ToString(),
    };
}
