using System.Buffers.Binary;
using System.Numerics;
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

    [Theory]
    [InlineData(Opcode.Continuation, true)]
    [InlineData(Opcode.Continuation, false)]
    [InlineData(Opcode.Text, true)]
    [InlineData(Opcode.Text, false)]
    [InlineData(Opcode.Binary, true)]
    [InlineData(Opcode.Binary, false)]
    [InlineData(Opcode.Close, true)]
    [InlineData(Opcode.Ping, true)]
    [InlineData(Opcode.Pong, true)]
    public void TryRead_EveryLegalKind_IsTold(byte opcode, bool isFinal)
    {
        var frame = new ClientFrame(opcode, Payload(3)) { Fin = isFinal }.Encode();

        var read = ReadFrame.Of(frame, Unlimited);

        Assert.Equal((FrameStatus.Complete, opcode, isFinal), (read.Status, read.Opcode, read.IsFinal));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void TryRead_FollowedByAnotherFrame_TakesItsOwnBytesOnly(int length)
    {
        var frame = new ClientFrame(Opcode.Text, Payload(length)).Encode();

        var read = ReadFrame.Of([.. frame, .. ClientFrame.Text("next").Encode()], Unlimited);

        Assert.Equal((frame.Length, length * 2), (read.FrameBytes, read.Payload.Length));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void TryRead_EveryTruncation_NeedsMore(int length)
    {
        var frame = new ClientFrame(Opcode.Text, Payload(length)).Encode();
        var cuts = Enumerable.Range(0, frame.Length).Where(cut => cut < 200 || cut > frame.Length - 4);

        var others = cuts.Where(cut => ReadFrame.Of(frame.AsSpan(0, cut), Unlimited) != ReadFrame.NeedMore);

        Assert.Empty(others);
    }

    [Fact]
    public void TryRead_EveryFirstByteAlone_IsJudgedAtOnce()
    {
        for (var first = 0; first <= 0xFF; first++)
        {
            var expected = IsLegalFirstByte(first) ? ReadFrame.NeedMore : ReadFrame.Refused(CloseReason.ProtocolError);

            Assert.True(expected == ReadFrame.Of([(byte)first], Unlimited), $"0x{first:X2}: expected {expected}");
        }
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
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    public void TryRead_WithoutMask_IsRefusedFromTwoBytes(byte length)
    {
        var read = ReadFrame.Of([0x81, length], Unlimited);

        Assert.Equal(ReadFrame.Refused(CloseReason.ProtocolError), read);
    }

    [Theory]
    [InlineData(Opcode.Close, 126)]
    [InlineData(Opcode.Close, 127)]
    [InlineData(Opcode.Ping, 126)]
    [InlineData(Opcode.Pong, 127)]
    public void TryRead_LongControlFrame_IsRefusedFromTwoBytes(byte opcode, int length)
    {
        var read = ReadFrame.Of([(byte)(0x80 | opcode), (byte)(0x80 | length)], Unlimited);

        Assert.Equal(ReadFrame.Refused(CloseReason.ProtocolError), read);
    }

    [Theory]
    [InlineData(Opcode.Close)]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public void TryRead_ControlFrameWhenNoDataMayCome_IsTaken(byte opcode)
    {
        var read = ReadFrame.Of(new ClientFrame(opcode, Payload(125)).Encode(), maxDataPayloadBytes: 0);

        Assert.Equal(FrameStatus.Complete, read.Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(512)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void TryRead_PayloadAtTheLimit_IsTaken(int limit)
    {
        var read = ReadFrame.Of(new ClientFrame(Opcode.Text, Payload(limit)).Encode(), limit);

        Assert.Equal(FrameStatus.Complete, read.Status);
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
    [InlineData(0x0000_0001_0000_0001)] // 1, if it were cut to 32 bits
    [InlineData(0x7FFF_FFFF_FFFF_FFFF)]
    public void TryRead_LengthBeyond32Bits_IsTooBig(long length)
    {
        Assert.Equal(ReadFrame.Refused(CloseReason.MessageTooBig), ReadFrame.Of(HeaderOf((ulong)length), int.MaxValue - 14));
    }

    [Theory]
    [InlineData(0x8000_0000_0000_0000)]
    [InlineData(0x8000_0000_0000_0001)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF)]
    public void TryRead_LengthWithTheHighestBit_IsAProtocolError(ulong length)
    {
        Assert.Equal(ReadFrame.Refused(CloseReason.ProtocolError), ReadFrame.Of(HeaderOf(length), Unlimited));
    }

    [Fact]
    public void TryRead_RandomBytes_AgreesWithAReaderWrittenFromTheRfc()
    {
        var random = new Random(20260714);
        for (var round = 0; round < 40_000; round++)
        {
            var input = RandomInput(random);
            var limit = random.Next(0, 3) == 0 ? random.Next(0, 8) : random.Next(0, 70_000);

            var (expected, actual) = (Expected(input, limit), ReadFrame.Of(input, limit));

            Assert.True(
                expected == actual,
                $"round {round}, limit {limit}, {Convert.ToHexString(input)}: expected {expected}, was {actual}");
        }
    }

    [Fact]
    public void TryRead_RandomBytesGrowing_NeverChangesItsMind()
    {
        var random = new Random(714);
        for (var round = 0; round < 2_000; round++)
        {
            var input = RandomInput(random);
            var verdict = ReadFrame.NeedMore;
            for (var length = 0; length <= input.Length; length++)
            {
                var read = ReadFrame.Of(input.AsSpan(0, length), 100);

                Assert.True(
                    verdict == ReadFrame.NeedMore || verdict == read,
                    $"round {round}, {Convert.ToHexString(input)} at {length}: {verdict}, then {read}");
                verdict = read;
            }
        }
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

    // Half of it nearly a frame, so that every branch is met.
    private static byte[] RandomInput(Random random)
    {
        var input = new byte[random.Next(0, 40)];
        random.NextBytes(input);
        if (input.Length > 0 && random.Next(0, 8) != 0)
        {
            input[0] &= 0x8F;
        }

        if (input.Length > 1 && random.Next(0, 8) != 0)
        {
            input[1] |= 0x80;
        }

        if (input.Length > 1 && random.Next(0, 2) == 0)
        {
            input[1] = (byte)(0x80 | random.Next(0, 24));
        }

        if (input.Length > 9 && random.Next(0, 2) == 0)
        {
            input.AsSpan(2, 6).Clear();
        }

        return input;
    }

    private static bool IsLegalFirstByte(int first) => first is 0x00 or 0x01 or 0x02 or 0x80 or 0x81 or 0x82 or 0x88 or 0x89 or 0x8A;

    // RFC 6455, 5.2, read aloud; slow and plain.
    private static ReadFrame Expected(byte[] input, int limit)
    {
        if (input.Length == 0)
        {
            return ReadFrame.NeedMore;
        }

        if (!IsLegalFirstByte(input[0]) || (input.Length > 1 && input[1] < 0x80))
        {
            return ReadFrame.Refused(CloseReason.ProtocolError);
        }

        if (input.Length == 1)
        {
            return ReadFrame.NeedMore;
        }

        var isControl = input[0] >= 0x88;
        var lengthBytes = (input[1] - 0x80) switch { 127 => 8, 126 => 2, _ => 0 };
        if (isControl && lengthBytes > 0)
        {
            return ReadFrame.Refused(CloseReason.ProtocolError);
        }

        if (input.Length < 2 + lengthBytes)
        {
            return ReadFrame.NeedMore;
        }

        var length = lengthBytes == 0 ? input[1] - 0x80 : new BigInteger(input.AsSpan(2, lengthBytes), isUnsigned: true, isBigEndian: true);
        if (length >= BigInteger.Pow(2, 63))
        {
            return ReadFrame.Refused(CloseReason.ProtocolError);
        }

        if (!isControl && length > limit)
        {
            return ReadFrame.Refused(CloseReason.MessageTooBig);
        }

        if (input.Length < 2 + lengthBytes + 4 + length)
        {
            return ReadFrame.NeedMore;
        }

        var body = input[(2 + lengthBytes)..];
        var payload = Enumerable.Range(0, (int)length).Select(i => (byte)(body[4 + i] ^ body[i % 4])).ToArray();
        return new ReadFrame(
            FrameStatus.Complete, 2 + lengthBytes + 4 + (int)length, null, (byte)(input[0] & 0x0F), input[0] >= 0x80, Convert.ToHexString(payload));
    }
}
