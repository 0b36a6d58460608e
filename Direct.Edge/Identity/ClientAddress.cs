using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Identity;

/// <summary>Represents where a request comes from, in two senses that must not be confused.</summary>
/// <param name="Text">
/// The text from which anonymous ids are made. Behind a trusted proxy it is the value of a header, as written except for a port. A client can choose
/// it, so only the client's own anonymous id depends on it.
/// </param>
/// <param name="Accountable">
/// The address that is accountable for the request: the peer or, behind trusted proxies, the last address in <c>X-Forwarded-For</c> that is not a
/// trusted proxy. Access and limits depend on it. If the proxies do not name the caller, it is the furthest known proxy.
/// </param>
internal readonly record struct ClientAddress(string Text, IPAddress Accountable)
{
    /// <summary>
    /// Gets the key by which limits count. An IPv6 customer has at least a /64, so a limit on single addresses would have no effect.
    /// </summary>
    public IPAddress Counted
    {
        get
        {
            if (Accountable.AddressFamily is not AddressFamily.InterNetworkV6)
            {
                return Accountable;
            }

            var bytes = Accountable.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            return new IPAddress(bytes);
        }
    }
}

/// <summary>Reads the <see cref="ClientAddress"/> of a request.</summary>
internal sealed class ClientAddressReader(TrustedProxies proxies)
{
    private static readonly string[] TextHeaders = ["CF-Connecting-IP", "X-Forwarded-For", "X-Real-IP"];

    public ClientAddress Read(IPAddress? peer, IHeaderDictionary headers)
    {
        var direct = Normalize(peer ?? IPAddress.None);
        return proxies.Contains(direct)
            ? new ClientAddress(HeaderText(headers) ?? direct.ToString(), Forwarded(direct, headers))
            : new ClientAddress(direct.ToString(), direct);
    }

    // Returns the first header that is present and not empty, up to its first comma. The port, which some proxies write, differs for each connection
    // and would make each connection a different user.
    private static string? HeaderText(IHeaderDictionary headers)
    {
        foreach (var name in TextHeaders)
        {
            if (headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } value, ..])
            {
                var comma = value.IndexOf(',', StringComparison.Ordinal);
                return AddressText.WithoutPort((comma < 0 ? value : value[..comma]).Trim());
            }
        }

        return null;
    }

    // Each proxy appends the address that it saw, so an entry can be trusted if all entries to its right are proxies. Lines of the same header form
    // one list (RFC 9110, 5.3), in which empty entries do not count.
    private IPAddress Forwarded(IPAddress proxy, IHeaderDictionary headers)
    {
        var list = headers["X-Forwarded-For"].ToString();
        var accountable = proxy;
        foreach (var entry in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            if (!proxies.Contains(accountable) || !AddressText.TryParseWithPort(entry, out var address))
            {
                break;
            }

            accountable = Normalize(address);
        }

        return accountable;
    }

    /// <summary>Returns the canonical form of an address: IPv4 without the mapping into IPv6, and IPv6 without its interface.</summary>
    public static IPAddress Normalize(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 }
            ? new IPAddress(address.GetAddressBytes())
            : address;
    }
}
