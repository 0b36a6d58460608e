using Direct.Edge.Connections;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.BackendApi;

/// <summary>
/// Recognises requests that a browser makes for a page of another origin. They come from the visitor's address, which proves nothing
/// about the page (cross-site request forgery).
/// </summary>
internal sealed class ForeignPage(AllowedOrigins origins)
{
    /// <summary>
    /// Returns whether <paramref name="request"/> may come from such a page. Programs that are not browsers send none of these headers.
    /// </summary>
    public bool MayHaveSent(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        if (site is "same-origin" or "none") // none: typed into the address bar, or a bookmark
        {
            return false;
        }

        if (origin.Length > 0)
        {
            return !origins.Name(origin) && (site.Length > 0 || !IsOwn(origin, request.Host));
        }

        // A page may send no Referer, but never that of another page. A name could belong to another page's site, and point here (DNS rebinding); an
        // address could not.
        return site.Length > 0 || (IsBrowser(request.Headers) && !(IsAddress(request.Host) && IsOwn(request.Headers.Referer.ToString(), request.Host)));
    }

    // The scheme is not compared: a proxy may have ended TLS.
    private static bool IsOwn(string url, HostString host) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(HostString host) => Uri.CheckHostName(host.Host) is UriHostNameType.IPv4 or UriHostNameType.IPv6;

    // Over plain HTTP, except to loopback, browsers do not send Sec-Fetch-Site, and with GET not always Origin. A page cannot remove these two
    // headers. Programs that call themselves Mozilla, such as PowerShell, send no language.
    private static bool IsBrowser(IHeaderDictionary headers) =>
        headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase) && headers.AcceptLanguage.Count > 0;
}
