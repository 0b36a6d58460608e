using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Identity;

/// <summary>Where a request comes from, in the two senses that must never be mixed up.</summary>
/// <param name="Text">
/// The text that anonymous ids are made of. Behind a trusted proxy it is what a header says, as written but for a port: a stranger can
/// choose it, so nothing but his own anonymous id rests on it.
/// </param>
/// <param name="Accountable">
/// Who answers for it: the peer or, behind trusted proxies, the last address in <c>X-Forwarded-For</c> that is not itself one of
/// theirs. Access and limits rest on this. Of proxies that do not say for whom they call the furthest one that is known answers.
/// </param>
internal readonly record struct ClientAddress(string Text, IPAddress Accountable)
{
    /// <summary>What limits count by. One IPv6 customer holds a /64 at least: counting single addresses would count nothing.</summary>
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

/// <summary>Reads a request's <see cref="ClientAddress"/>.</summary>
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

    // The first header that is there and not empty, up to its first comma. The port, which some proxies write, is another one for each
    // connection and would make each another user.
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

    // Each proxy appends whom it heard from, so an entry can be believed as long as everyone to its right is a proxy. Lines of the
    // same header are one list (RFC 9110, 5.3), whose empty entries count for nothing.
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

    /// <summary>The one form of an address: IPv4 as itself, and IPv6 without the interface it came in by.</summary>
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
