using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Harness;

/// <summary>Tests that the test client detects every frame that a server must not send.</summary>
public sealed class ServerFrameReaderTests
{
    [Theory]
    [InlineData("masked", new byte[] { 0x81, 0x80, 0, 0, 0, 0 })]
    [InlineData("reserved bit", new byte[] { 0xC1, 0x00 })]
    [InlineData("unknown opcode", new byte[] { 0x83, 0x00 })]
    [InlineData("two bytes of length where one does", new byte[] { 0x81, 126, 0, 1, (byte)'x' })]
    [InlineData("eight bytes of length where two do", new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, (byte)'x' })]
    [InlineData("fragmented ping", new byte[] { 0x09, 0x00 })]
    [InlineData("long ping", new byte[] { 0x89, 126, 0, 126 })]
    [InlineData("continuation of nothing", new byte[] { 0x80, 0x00 })]
    [InlineData("text inside a message", new byte[] { 0x01, 0x00, 0x81, 0x00 })]
    [InlineData("invalid UTF-8", new byte[] { 0x81, 0x01, 0xFF })]
    [InlineData("UTF-8 cut short", new byte[] { 0x81, 0x01, 0xD0 })]
    [InlineData("invalid UTF-8 over two fragments", new byte[] { 0x01, 0x01, 0xD0, 0x80, 0x01, 0x41 })]
    [InlineData("close of one byte", new byte[] { 0x88, 0x01, 0x03 })]
    [InlineData("close with 1005", new byte[] { 0x88, 0x02, 0x03, 0xED })]
    [InlineData("close whose reason is not UTF-8", new byte[] { 0x88, 0x03, 0x03, 0xE8, 0xFF })]
    [InlineData("a frame after the close frame", new byte[] { 0x88, 0x00, 0x81, 0x00 })]
    public void TryRead_OfWhatAServerMayNotSend_Throws(string what, byte[] bytes)
    {
        var exception = Record.Exception(() => ReadAll(bytes));

        Assert.True(exception is ProtocolViolationException, $"{what}: a violation expected, got {exception}");
    }

    private static List<ServerFrame> ReadAll(byte[] bytes)
    {
        var reader = new ServerFrameReader();
        var frames = new List<ServerFrame>();
        var rest = bytes.AsSpan();
        while (reader.TryRead(rest, out var frame, out var consumed))
        {
            frames.Add(frame!);
            rest = rest[consumed..];
        }

        return frames;
    }
}
