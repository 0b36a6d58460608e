using System.Net;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Identity;

/// <summary>
/// Decides whether a request comes directly from this machine or a private network. A forwarded request does not count, because it may come from
/// anyone, whatever the address of the proxy is and even if the proxy is trusted.
/// </summary>
internal static class LocalCaller
{
    private static readonly NetworkSet Near = new(TrustedProxies.PrivateNetworks);

    private static readonly string[] SignsOfAProxy =
        ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"];

    public static bool Is(HttpContext context) =>
        Near.Contains(ClientAddressReader.Normalize(context.Connection.RemoteIpAddress ?? IPAddress.None))
        && !Array.Exists(SignsOfAProxy, context.Request.Headers.ContainsKey);
}
