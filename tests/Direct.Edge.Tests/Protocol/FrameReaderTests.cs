using System.Buffers.Binary;
using Direct.Edge.Protocol;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Protocol;

public sealed class FrameReaderTests
{
    private const int Unlimited = 1024 * 1024;

    private static readonly int[] PayloadLengths = [0, 1, 2, 124, 125, 126, 127, 65535, 65536, 65537];

    public static TheoryData<int> Lengths => [.. PayloadLengths];

    [Fact]
    public void TryRead_TheExampleOfTheRfc_IsHello()
    {
        byte[] frame = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

        var read = ReadFrame.Of(frame, Unlimited);

        Assert.Equal(new ReadFrame(FrameStatus.Complete, frame.Length, null, Opcode.Text, true, Convert.ToHexString("Hello"u8)), read);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void TryRead_AnyLength_GivesThePayloadBack(int length)
    {
        var payload = Payload(length);
        var frame = new ClientFrame(Opcode.Binary, payload).Encode();

        var read = ReadFrame.Of(frame, Unlimited);

        Assert.Equal(new ReadFrame(FrameStatus.Complete, frame.Length, null, Opcode.Binary, true, Convert.ToHexString(payload)), read);
    }

    [Fact]
    public void TryRead_EveryFirstByteOfAWholeFrame_IsTakenOrRefused()
    {
        for (var first = 0; first <= 0xFF; first++)
        {
            var expected = IsLegalFirstByte(first) ? FrameStatus.Complete : FrameStatus.Refused;

            var read = ReadFrame.Of([(byte)first, 0x81, 1, 2, 3, 4, 5], Unlimited);

            Assert.True(expected == read.Status, $"0x{first:X2}: expected {expected}, {read}");
        }
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(124, 2)]
    [InlineData(125, 4)]
    [InlineData(512, 4)]
    [InlineData(65534, 4)]
    [InlineData(65535, 10)]
    [InlineData(65536, 10)]
    public void TryRead_PayloadOverTheLimit_IsRefusedFromTheLengthAlone(int limit, int lengthEnd)
    {
        var header = new ClientFrame(Opcode.Text, Payload(limit + 1)).Encode().AsSpan(0, lengthEnd);

        Assert.Equal(
            (ReadFrame.NeedMore, ReadFrame.Refused(CloseReason.MessageTooBig)),
            (ReadFrame.Of(header[..^1], limit), ReadFrame.Of(header, limit)));
    }

    [Theory]
    [InlineData(0x0000_0000_8000_0000)]
    [InlineData(0x0000_0000_FFFF_FFFF)]
    [InlineData(0x0000_0001_0000_0001)] // would be 1 when cut to 32 bits
    [InlineData(0x7FFF_FFFF_FFFF_FFFF)]
    public void TryRead_LengthBeyond32Bits_IsTooBig(long length)
    {
        Assert.Equal(ReadFrame.Refused(CloseReason.MessageTooBig), ReadFrame.Of(HeaderOf((ulong)length), int.MaxValue - 14));
    }

    private static byte[] Payload(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        return payload;
    }

    private static byte[] HeaderOf(ulong length)
    {
        byte[] header = [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), length);
        return header;
    }

    private static bool IsLegalFirstByte(int first) => first is 0x00 or 0x01 or 0x02 or 0x80 or 0x81 or 0x82 or 0x88 or 0x89 or 0x8A;
}
