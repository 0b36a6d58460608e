using System.Security.Cryptography;
using System.Text;

namespace Direct.Stress.Protocol;

/// <summary>
/// Implements the opening handshake of a WebSocket (RFC 6455, 4.1). One key is used for a whole run, so that its answer is computed once.
/// </summary>
internal sealed class Handshake
{
    private const int MaxHeadBytes = 16 * 1024;

    private readonly byte[] _acceptKey;
    private readonly byte[] _protocol;
    private readonly string _noProtocol;

    /// <param name="protocol">The sub-protocol that the gateway must select; null to offer none.</param>
    public Handshake(string host, string pathAndQuery, string? protocol)
    {
        var protocolLine = protocol is null ? "" : $"Sec-WebSocket-Protocol: {protocol}\r\n";
        _protocol = Encoding.ASCII.GetBytes(protocolLine);
        _noProtocol = $"handshake: the gateway does not speak {protocol}, which Direct:Connections:Direct2=true switches on";
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
#pragma warning disable CA5350 // RFC 6455 requires SHA-1
        _acceptKey = Encoding.ASCII.GetBytes(
            Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))));
#pragma warning restore CA5350
        Request = Encoding.ASCII.GetBytes(
            $"GET {pathAndQuery} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{protocolLine}\r\n");
    }

    public byte[] Request { get; }

    /// <summary>Reads the answer. Returns the length of its head; 0 while it is not complete.</summary>
    /// <param name="error">Set if it is not an upgrade with the expected key and sub-protocol.</param>
    public int Read(ReadOnlySpan<byte> input, out string? error)
    {
        error = null;
        var end = input.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            error = input.Length > MaxHeadBytes ? "handshake: an answer without end" : null;
            return 0;
        }

        var head = input[..(end + 4)];
        if (!head.StartsWith("HTTP/1.1 101 "u8))
        {
            error = "handshake: " + Encoding.Latin1.GetString(head[..Math.Min(head.IndexOf("\r\n"u8), 60)]);
        }
        else if (head.IndexOf(_acceptKey) < 0)
        {
            error = "handshake: Sec-WebSocket-Accept does not fit the key";
        }
        else if (head.IndexOf(_protocol) < 0)
        {
            error = _noProtocol;
        }

        return head.Length;
    }
}
