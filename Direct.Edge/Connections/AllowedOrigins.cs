using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Decides which web pages may connect.</summary>
internal sealed class AllowedOrigins(IOptions<ConnectionOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins.Select(AsBrowsersWriteIt), StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns whether the list names <paramref name="origin"/>.</summary>
    public bool Name(string origin) => _allowed.Contains(origin);

    /// <summary>Returns whether a page of <paramref name="origin"/> may connect. Null means that the request does not come from a page.</summary>
    public bool Allow(string? origin) => _allowed.Count == 0 || origin is null || _allowed.Contains(origin);

    // Removes the default port of the scheme and a trailing slash, and converts the host to ASCII.
    private static string AsBrowsersWriteIt(string origin)
    {
        if (origin == "null")
        {
            return origin;
        }

        var uri = new Uri(origin);
        var host = uri.HostNameType is UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return uri.IsDefaultPort ? $"{uri.Scheme}://{host}" : $"{uri.Scheme}://{host}:{uri.Port}";
    }
}
