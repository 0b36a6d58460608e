using Direct.Edge.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>The web pages that may connect.</summary>
internal sealed class AllowedOrigins(IOptions<ConnectionOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the list names <paramref name="origin"/>.</summary>
    public bool Name(string origin) => _allowed.Contains(origin);

    /// <summary>Whether a page of <paramref name="origin"/> may; null is nobody's page.</summary>
    public bool Allow(string? origin) => _allowed.Count == 0 || origin is null || _allowed.Contains(origin);
}
