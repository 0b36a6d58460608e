using System.Net;
using System.Security.Cryptography;
using System.Text;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.OperatorConsole;

/// <summary>
/// The console as one page without external files: its style and its scripts are put into it once. Its content security policy lets the
/// browser run these, by their hashes, and nothing else, and lets them call this node and the WebSocket port, and nobody else.
/// </summary>
internal sealed class ConsolePage
{
    // Joined in this order.
    private static readonly string[] Scripts = ["1-base.js", "2-charts.js", "3-cluster.js", "4-connection.js", "5-watch.js"];

    private readonly string _fixedPolicy;
    private readonly Uri? _webSocketUrl;
    private readonly int? _webSocketPort; // null: that of the page

    public ConsolePage(IOptions<ConsoleOptions> options, IOptions<EndpointOptions> endpoints)
    {
        var (style, script) = (Read("page.css"), string.Concat(Scripts.Select(Read)));
        _webSocketUrl = options.Value.WebSocketUrl is { Length: > 0 } url ? new Uri(url) : null;
        _webSocketPort = endpoints.Value.ManagementPort == 0 ? null : endpoints.Value.Port;
        _fixedPolicy = $"default-src 'none'; script-src '{HashOf(script)}'; style-src '{HashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'; connect-src 'self'";
        Html = Encoding.UTF8.GetBytes(Read("page.html")
            .Replace("{{websocket-url}}", WebUtility.HtmlEncode(options.Value.WebSocketUrl), StringComparison.Ordinal)
            .Replace("{{websocket-port}}", $"{_webSocketPort}", StringComparison.Ordinal)
            .Replace("{{style}}", style, StringComparison.Ordinal)
            .Replace("{{script}}", script, StringComparison.Ordinal));
    }

    /// <summary>The page in UTF-8. It says nothing about this node but the port of its WebSockets.</summary>
    public byte[] Html { get; }

    /// <summary>The content security policy of the page at this host.</summary>
    public string PolicyFor(HostString host) => _fixedPolicy + (_webSocketUrl is { } url ? $" {url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : $":{url.Port}")}" : Sources(host));

    // The text of a Host header must not add a rule of its own.
    private string Sources(HostString host)
    {
        var isName = host.Host.Length > 0 && host.Host.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-');
        var port = _webSocketPort ?? host.Port;
        var source = $"{(isName ? host.Host : "*")}{(port is { } number ? $":{number}" : "")}"; // a policy has no form for an IPv6 address
        return $" ws://{source} wss://{source}";
    }

    // A browser hashes what it has parsed, in which each line ends with a line feed.
    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using var stream = typeof(ConsolePage).Assembly.GetManifestResourceStream($"console/{name}")
            ?? throw new InvalidOperationException($"{name} of the console is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
