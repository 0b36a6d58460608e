using System.Buffers;
using System.Text;
using Direct.Edge.Transport;

namespace Direct.Edge.Tests.Transport;

public sealed class RequestTargetEncoderTests
{
    private const string Encoded = "%D0%BF%D1%80"; // пр

    private static readonly string Long = new('a', 100);
    private static readonly string Zeros = new('0', 100);

    public static TheoryData<string, string> Inputs => new()
    {
        { "GET /?m=ok HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?m=ok HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "GET /?m=пр HTTP/1.1\r\nHost: a\r\n\r\n", $"GET /?m={Encoded} HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "GET /пр?m=пр HTTP/1.0\n\n", $"GET /{Encoded}?m={Encoded} HTTP/1.0\n\n" },

        // Headers and bodies stay, and the request after them is encoded.
        { "GET / HTTP/1.1\r\nX: пр\r\n\r\nGET /пр HTTP/1.1\r\n\r\n", $"GET / HTTP/1.1\r\nX: пр\r\n\r\nGET /{Encoded} HTTP/1.1\r\n\r\n" },
        { "POST / HTTP/1.1\r\ncontent-length:  6 \r\n\r\nA прGET /пр HTTP/1.1\r\n\r\n", $"POST / HTTP/1.1\r\ncontent-length:  6 \r\n\r\nA прGET /{Encoded} HTTP/1.1\r\n\r\n" },
        { "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n\r\nGET /пр HTTP/1.1\r\n\r\n", $"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n\r\nGET /{Encoded} HTTP/1.1\r\n\r\n" },
        { "POST /пр HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET /пр HTTP/1", $"POST /{Encoded} HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET /пр HTTP/1" },

        // A line longer than what is kept of one that arrives in pieces.
        { $"GET / HTTP/1.1\r\nX-{Long}: y\r\n\r\nGET /пр HTTP/1.1\r\n\r\n", $"GET / HTTP/1.1\r\nX-{Long}: y\r\n\r\nGET /{Encoded} HTTP/1.1\r\n\r\n" },
        { $"GET / HTTP/1.1\r\nX: {Long}\r\n\r\nGET /пр HTTP/1.1\r\n\r\n", $"GET / HTTP/1.1\r\nX: {Long}\r\n\r\nGET /{Encoded} HTTP/1.1\r\n\r\n" },

        // Where the next request begins is not followed any more.
        { $"POST / HTTP/1.1\r\nContent-Length: {Zeros}9\r\n\r\nG /пр\n\n", $"POST / HTTP/1.1\r\nContent-Length: {Zeros}9\r\n\r\nG /пр\n\n" },
        { "POST /пр HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET \r\nпр", $"POST /{Encoded} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET \r\nпр" },
        { "GET /пр HTTP/1.1\r\nUpgrade: websocket\r\n\r\nG пр\n", $"GET /{Encoded} HTTP/1.1\r\nUpgrade: websocket\r\n\r\nG пр\n" },
        { "POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\nGET /пр\n", "POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\nGET /пр\n" },
        { "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nGET /пр\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nGET /пр\n" },
        { "POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\nGET /пр\n", "POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\nGET /пр\n" },
        { "GET / HTTP/1.1\r\nX: y\r\n Content-Length: 9\r\n\r\nGET /пр\n", "GET / HTTP/1.1\r\nX: y\r\n Content-Length: 9\r\n\r\nGET /пр\n" },
        { "\u0016\u0003 пр\n", "\u0016\u0003 пр\n" },

        // Not a target.
        { "пр / HTTP/1.1\r\n\r\n", "пр / HTTP/1.1\r\n\r\n" },
        { "Gпр\r\n\r\n", "Gпр\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Write_WhereverTheInputIsSplit_EncodesRequestLinesOnly(string input, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(input);
        for (var split = 0; split <= bytes.Length; split++)
        {
            Assert.Equal(expected, Write(bytes[..split], bytes[split..]));
        }

        Assert.Equal(expected, Write([.. bytes.Select(static each => new[] { each })]));
    }

    [Fact]
    public void Write_BytesThatAreNotUtf8_EncodesThemAsTheyAre()
    {
        byte[] input = [.. "GET /?m="u8, 0x80, 0xFF, .. " HTTP/1.1\r\n\r\n"u8];

        Assert.Equal("GET /?m=%80%FF HTTP/1.1\r\n\r\n", Write(input));
    }

    private static string Write(params byte[][] parts)
    {
        var (encoder, output) = (new RequestTargetEncoder(), new ArrayBufferWriter<byte>());
        foreach (var part in parts)
        {
            encoder.Write(part, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
