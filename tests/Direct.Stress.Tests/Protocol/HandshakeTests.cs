using System.Security.Cryptography;
using System.Text;
using Direct.Stress.Protocol;

namespace Direct.Stress.Tests.Protocol;

public sealed class HandshakeTests
{
    private readonly Handshake _handshake = new("example.org:81", "/!direct?x=1");

    [Fact]
    public void Request_OfAnAddress_NamesPathAndHost()
    {
        var lines = Encoding.ASCII.GetString(_handshake.Request).Split("\r\n");

        Assert.Equal("GET /!direct?x=1 HTTP/1.1", lines[0]);
        Assert.Contains("Host: example.org:81", lines);
        Assert.Contains("Sec-WebSocket-Version: 13", lines);
        Assert.Equal(["", ""], lines[^2..]);
    }

    [Fact]
    public void Read_TheRightAnswerAtEverySplit_IsReadWhenItsHeadIsWhole()
    {
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {AcceptKey()}\r\n\r\n");

        for (var split = 0; split < head.Length; split++)
        {
            Assert.Equal(0, _handshake.Read(head.AsSpan(0, split), out var early));
            Assert.Null(early);
        }

        Assert.Equal(head.Length, _handshake.Read([.. head, 0x81, 0], out var error));
        Assert.Null(error);
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", "handshake: HTTP/1.1 503 Service Unavailable")]
    [InlineData(
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: AAAA\r\n\r\n", "handshake: Sec-WebSocket-Accept does not fit the key")]
    public void Read_AnotherAnswer_IsTheError(string answer, string expected)
    {
        _handshake.Read(Encoding.ASCII.GetBytes(answer), out var error);

        Assert.Equal(expected, error);
    }

    [Fact]
    public void Read_AHeadWithoutEnd_IsAnErrorAtLast()
    {
        _handshake.Read(new byte[20_000], out var error);

        Assert.Equal("handshake: an answer without end", error);
    }

    private string AcceptKey()
    {
        var line = Encoding.ASCII.GetString(_handshake.Request).Split("\r\n").Single(
            static line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal));
#pragma warning disable CA5350 // RFC 6455 names SHA-1
        return Convert.ToBase64String(
            SHA1.HashData(Encoding.ASCII.GetBytes(line["Sec-WebSocket-Key: ".Length..] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }
}
