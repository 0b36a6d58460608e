using System.Net;

namespace Direct.Testing.WebSockets;

/// <summary>Specifies the handshake of a client. The defaults are a correct handshake.</summary>
public sealed record HandshakeOptions
{
    public static readonly HandshakeOptions Default = new();

    /// <summary>Offers <c>direct.2</c> and expects it to be selected.</summary>
    public static readonly HandshakeOptions Direct2 = Default.With("Sec-WebSocket-Protocol", "direct.2") with { SubProtocol = "direct.2" };

    /// <summary>Gets the sub-protocol that the server is expected to select; null if none.</summary>
    public string? SubProtocol { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>Gets the request target, sent unchanged.</summary>
    public string Path { get; init; } = "/!direct";

    /// <summary>Gets the <c>Sec-WebSocket-Version</c> header; null omits it.</summary>
    public string? Version { get; init; } = "13";

    /// <summary>Gets the <c>Sec-WebSocket-Key</c> header; null omits it.</summary>
    public string? Key { get; init; } = "dGhlIHNhbXBsZSBub25jZQ==";

    /// <summary>Gets the <c>Upgrade</c> header; null omits it.</summary>
    public string? Upgrade { get; init; } = "websocket";

    /// <summary>Gets the <c>Connection</c> header; null omits it.</summary>
    public string? Connection { get; init; } = "Upgrade";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Gets the address to connect to.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Gets the address to connect from; any when null. 127.0.0.2 and so on are further loopback addresses.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Gets whether the client uses TLS; it accepts any certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>Gets the size of the kernel's receive buffer, set before connecting; the default of the machine when null.</summary>
    public int? ReceiveBufferBytes { get; init; }

    /// <summary>Gets bytes to send in the same write as the handshake, before its response is known.</summary>
    public ReadOnlyMemory<byte> Early { get; init; }

    public HandshakeOptions With(string header, string value) => this with { Headers = [.. Headers, (header, value)] };

    public string Render(int port)
    {
        var lines = new List<string> { $"{Method} {Path} HTTP/1.1", $"Host: {new IPEndPoint(Address, port)}" };
        Add(lines, "Upgrade", Upgrade);
        Add(lines, "Connection", Connection);
        Add(lines, "Sec-WebSocket-Version", Version);
        Add(lines, "Sec-WebSocket-Key", Key);
        foreach (var (name, value) in Headers)
        {
            Add(lines, name, value);
        }

        return string.Join("\r\n", lines) + "\r\n\r\n";
    }

    private static void Add(List<string> lines, string name, string? value)
    {
        if (value is not null)
        {
            lines.Add($"{name}: {value}");
        }
    }
}
