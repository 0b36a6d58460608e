using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Direct.Edge.Identity;

/// <summary>
/// Reads addresses strictly. The framework reads <c>1</c> as 0.0.0.1 and <c>010.0.0.1</c> as 8.0.0.1, and accepts octal, hexadecimal and old
/// shortened forms. An address that decides about access must be read in the way that everyone else reads it.
/// </summary>
internal static class AddressText
{
    private static readonly SearchValues<char> OfAnAddress = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Parses four decimal numbers without leading zeros, or IPv6 in any of its forms without brackets and zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.ContainsAnyExcept(OfAnAddress) || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        address = parsed;
        return parsed.AddressFamily is AddressFamily.InterNetworkV6 || text.SequenceEqual(parsed.ToString());
    }

    /// <summary>Parses what proxies write, which is an address with or without a port: <c>203.0.113.7:4711</c>, <c>[2001:db8::1]:4711</c>.</summary>
    public static bool TryParseWithPort(ReadOnlySpan<char> text, out IPAddress address)
    {
        if (text is not ['[', ..])
        {
            var colon = text.IndexOf(':');
            return colon >= 0 && colon == text.LastIndexOf(':')
                ? TryParse(text[..colon], out address) & IsPort(text[colon..])
                : TryParse(text, out address);
        }

        var end = text.IndexOf(']');
        var inside = end < 0 ? [] : text[1..end];
        return TryParse(inside, out address) & inside.Contains(':') && (end == text.Length - 1 || IsPort(text[(end + 1)..]));
    }

    /// <summary>Removes the port and the brackets from an address. Any other text is returned unchanged.</summary>
    public static string WithoutPort(string text)
    {
        if (!TryParseWithPort(text, out _) || TryParse(text, out _))
        {
            return text;
        }

        return text[0] == '[' ? text[1..text.IndexOf(']', StringComparison.Ordinal)] : text[..text.IndexOf(':', StringComparison.Ordinal)];
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is [':', ..] && ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
