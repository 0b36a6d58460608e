using System.Globalization;
using System.Text;
using Direct.Edge.Transport.Loop;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class HandshakeAnswerTests
{
    [Fact]
    public void Write_TheKeyOfTheRfc_IsItsAnswer()
    {
        var lines = Write(UsualHeads.Key).Split("\r\n");

        Assert.Equal(
            [
                "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Date", "Upgrade: websocket",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "", "",
            ],
            lines.Select(line => line.StartsWith("Date: ", StringComparison.Ordinal) ? "Date" : line));
    }

    [Fact]
    public void Write_Date_IsNowInGreenwich()
    {
        var line = Write(UsualHeads.Key).Split("\r\n")[2];

        var date = DateTime.ParseExact(
            line["Date: ".Length..], "ddd, dd MMM yyyy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.InRange(DateTime.UtcNow - date.ToUniversalTime(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Write_SelectingDirect2_NamesItInOneMoreHeader()
    {
        var (without, with) = (Write(UsualHeads.Key).Split("\r\n"), Write(UsualHeads.Key, selectsDirect2: true).Split("\r\n"));

        Assert.Equal(["Sec-WebSocket-Protocol: direct.2"], with[3..].Except(without));
        Assert.Equal(without.Length + 1, with.Length);
    }

    // Throws when the response does not fit into the buffer.
    private static string Write(string key, bool selectsDirect2 = false)
    {
        var bytes = new byte[HandshakeAnswer.MaxBytes];
        return Encoding.ASCII.GetString(bytes, 0, HandshakeAnswer.Write(bytes, Encoding.ASCII.GetBytes(key), selectsDirect2));
    }
}
