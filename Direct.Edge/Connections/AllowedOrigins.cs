using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>The web pages that may connect.</summary>
internal sealed class AllowedOrigins(IOptions<ConnectionOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins.Select(AsBrowsersWriteIt), StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns whether the list names <paramref name="origin"/>.</summary>
    public bool Name(string origin) => _allowed.Contains(origin);

    /// <summary>Returns whether a page of <paramref name="origin"/> may; null is nobody's page.</summary>
    public bool Allow(string? origin) => _allowed.Count == 0 || origin is null || _allowed.Contains(origin);

    // Without the port when it is the scheme's own, without a slash at the end, and in ASCII.
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
