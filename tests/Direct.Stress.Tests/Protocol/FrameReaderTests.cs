using Direct.Stress.Protocol;

namespace Direct.Stress.Tests.Protocol;

public sealed class FrameReaderTests
{
    public static TheoryData<int> Lengths => [0, 1, 125, 126, 127, 65_535, 65_536, FrameReader.MaxPayloadBytes];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Read_AnyLengthAtEverySplit_IsIncompleteUntilItIsWhole(int length)
    {
        var payload = Enumerable.Range(0, length).Select(static i => (byte)i).ToArray();
        var bytes = Frames.Make((int)Opcode.Binary, payload);

        for (var split = 0; split < bytes.Length; split += split < 300 ? 1 : 997)
        {
            Assert.Equal(FrameStatus.Incomplete, FrameReader.Read(bytes.AsSpan(0, split), out _));
        }

        Assert.Equal(FrameStatus.Complete, FrameReader.Read([.. bytes, 1, 2, 3], out var frame));
        Assert.Equal((Opcode.Binary, true, bytes.Length), (frame.Opcode, frame.IsFinal, frame.TotalBytes));
        Assert.True(frame.Payload.SequenceEqual(payload));
    }

    [Theory]
    [InlineData("masked", 0x81, 0x80)]
    [InlineData("reserved bit", 0xC1, 0x00)]
    [InlineData("unknown opcode", 0x83, 0x00)]
    [InlineData("unknown control opcode", 0x8B, 0x00)]
    [InlineData("fragmented ping", 0x09, 0x00)]
    [InlineData("long close", 0x88, 0x7E)]
    public void Read_WhatNoServerMaySend_IsInvalid(string what, byte first, byte second)
    {
        Assert.True(FrameReader.Read([first, second, 0, 0, 0, 0], out _) is FrameStatus.Invalid, what);
    }

    [Fact]
    public void Read_MoreThanAnyMessage_IsInvalidBeforeItHasCome()
    {
        var header = Frames.Make((int)Opcode.Text, new byte[FrameReader.MaxPayloadBytes + 1]).AsSpan(0, 10);

        Assert.Equal(FrameStatus.Invalid, FrameReader.Read(header, out _));
    }
}
