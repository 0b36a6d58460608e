using System.Net;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Identity;

/// <summary>
/// Whether a request comes from this machine or a private network, and straight from there: one that a proxy has passed on may be
/// anybody's, whatever the proxy's own address and whatever it is trusted with.
/// </summary>
internal static class NearCaller
{
    private static readonly NetworkSet Near = new(TrustedProxies.PrivateNetworks);

    private static readonly string[] SignsOfAProxy =
        ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"];

    public static bool Is(HttpContext context) =>
        Near.Contains(ClientAddressReader.Normalize(context.Connection.RemoteIpAddress ?? IPAddress.None))
        && !Array.Exists(SignsOfAProxy, context.Request.Headers.ContainsKey);
}
