using System.Net;
using System.Net.Sockets;

namespace Direct.Stress.Links;

/// <summary>Represents an address that has been looked up.</summary>
/// <param name="Host">The value of the Host header and the name in the certificate.</param>
internal sealed record Target(IPEndPoint Address, bool IsTls, string Host, string Authority, string PathAndQuery)
{
    /// <exception cref="SocketException">The name is not known.</exception>
    public static Target Resolve(Uri uri)
    {
        // IPv4 first: a gateway that listens on one of the two listens on that.
        var addresses = Dns.GetHostAddresses(uri.IdnHost);
        var address = Array.Find(addresses, static address => address.AddressFamily is AddressFamily.InterNetwork) ?? addresses[0];
        var isTls = uri.Scheme is "wss" or "https";
        return new Target(new IPEndPoint(address, uri.Port), isTls, uri.IdnHost, uri.Authority, uri.PathAndQuery);
    }
}
