using System.Text;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Checks the host names of requests against <c>AllowedHosts</c>, a setting of ASP.NET Core. The framework's own check applies only to requests
/// through Kestrel.
/// </summary>
internal sealed class AllowedHosts(IOptions<HostFilteringOptions> options)
{
    private static readonly string[] Everything = ["*", "[::]", "0.0.0.0"];

    private readonly StringSegment[] _allowed = options.Value.AllowedHosts.Any(Everything.Contains)
        ? []
        : [.. options.Value.AllowedHosts.Select(static host => new StringSegment(host))];

    /// <summary>Returns whether <paramref name="host"/>, a <c>Host</c> header with or without a port, is an allowed name.</summary>
    public bool Allow(ReadOnlySpan<byte> host) =>
        _allowed.Length == 0 || HostString.MatchesAny(new HostString(Encoding.ASCII.GetString(host)).Host, _allowed);
}
