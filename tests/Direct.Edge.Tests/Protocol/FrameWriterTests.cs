using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Protocol;

public sealed class FrameWriterTests
{
    public static TheoryData<int> Lengths => [0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 70_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Write_AnyLength_IsReadBackByAnotherCodec(int length)
    {
        var payload = Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26))).ToArray();
        var frame = new byte[FrameWriter.FrameBytes(length)];

        FrameWriter.Write(frame, Opcode.Text, payload);

        Assert.Equal(payload, Assert.Single(ServerBytes.Frames(frame)).Payload);
    }

    [Theory]
    [InlineData(0, new byte[] { 0x81, 0 })]
    [InlineData(125, new byte[] { 0x81, 125 })]
    [InlineData(126, new byte[] { 0x81, 126, 0, 126 })]
    [InlineData(65535, new byte[] { 0x81, 126, 0xFF, 0xFF })]
    [InlineData(65536, new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 })]
    public void Write_AnyLength_TakesTheShortestHeader(int length, byte[] header)
    {
        var frame = new byte[FrameWriter.FrameBytes(length)];

        FrameWriter.Write(frame, Opcode.Text, new byte[length]);

        Assert.Equal(
            (header.Length + length, Convert.ToHexString(header)),
            (frame.Length, Convert.ToHexString(frame.AsSpan(0, header.Length))));
    }

    [Theory]
    [InlineData((byte)Opcode.Text, 0x81)]
    [InlineData((byte)Opcode.Binary, 0x82)]
    [InlineData((byte)Opcode.Close, 0x88)]
    [InlineData((byte)Opcode.Ping, 0x89)]
    [InlineData((byte)Opcode.Pong, 0x8A)]
    public void Write_AnyOpcode_IsFinalAndUnmasked(byte opcode, byte firstByte)
    {
        var frame = new byte[FrameWriter.FrameBytes(0)];

        FrameWriter.Write(frame, (Opcode)opcode, default);

        Assert.Equal([firstByte, 0], frame);
    }
}
