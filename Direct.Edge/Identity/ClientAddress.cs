using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Identity;

/// <summary>Where a request comes from, in the two senses that must never be mixed up.</summary>
/// <param name="Text">
/// The text that anonymous ids are made of. Behind a trusted proxy it is what a header says, exactly as written: a stranger can
/// choose it, so nothing but his own anonymous id rests on it.
/// </param>
/// <param name="Accountable">
/// Who answers for it: the peer or, behind trusted proxies, the last address in <c>X-Forwarded-For</c> that was written by one of
/// them. Limits and access rest on this. Null when the peer is a trusted proxy that does not say for whom it calls.
/// </param>
internal readonly record struct ClientAddress(string Text, IPAddress? Accountable);

/// <summary>Reads a request's <see cref="ClientAddress"/>.</summary>
internal sealed class ClientAddressReader(TrustedProxies proxies)
{
    private static readonly string[] TextHeaders = ["CF-Connecting-IP", "X-Forwarded-For", "X-Real-IP"];

    public ClientAddress Read(IPAddress? peer, IHeaderDictionary headers)
    {
        var direct = Normalize(peer ?? IPAddress.None);
        return proxies.Contains(direct)
            ? new ClientAddress(HeaderText(headers) ?? direct.ToString(), Forwarded(headers))
            : new ClientAddress(direct.ToString(), Accountable(direct));
    }

    // The first header that is there and not empty, up to its first comma.
    private static string? HeaderText(IHeaderDictionary headers)
    {
        foreach (var name in TextHeaders)
        {
            if (headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } value, ..])
            {
                var comma = value.IndexOf(',', StringComparison.Ordinal);
                return (comma < 0 ? value : value[..comma]).Trim();
            }
        }

        return null;
    }

    // Each proxy appends whom it heard from, so the right end is the trustworthy one.
    private IPAddress? Forwarded(IHeaderDictionary headers)
    {
        var entries = headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = entries.Length - 1; i >= 0; i--)
        {
            if (!TryParseEntry(entries[i], out var address))
            {
                return null;
            }

            if (!proxies.Contains(address))
            {
                return Accountable(address);
            }
        }

        return null;
    }

    // Some proxies write the port too: 203.0.113.7:4711 or [2001:db8::1]:4711.
    private static bool TryParseEntry(string entry, out IPAddress address)
    {
        var isParsed = IPAddress.TryParse(entry, out var bare)
            || (IPEndPoint.TryParse(entry, out var endpoint) && (bare = endpoint.Address) is not null);
        address = Normalize(bare ?? IPAddress.None);
        return isParsed;
    }

    private static IPAddress Normalize(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()) : address;
    }

    // One IPv6 customer holds a /64 at least: counting single addresses would count nothing.
    private static IPAddress Accountable(IPAddress address)
    {
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
