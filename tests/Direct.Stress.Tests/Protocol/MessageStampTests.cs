using Direct.Stress.Protocol;

namespace Direct.Stress.Tests.Protocol;

public sealed class MessageStampTests
{
    [Theory]
    [InlineData(0u, 0, 1u, 0L)]
    [InlineData(0xFFFFFFu, MessageStamp.MaxSenders - 1, uint.MaxValue, (1L << 48) - 1)]
    [InlineData(0x123456u, 4711, 70_000u, 123_456_789_012L)]
    public void TryRead_WhatWasWritten_IsTheSame(uint run, int sender, uint sequence, long ticks)
    {
        var stamp = new MessageStamp(run, sender, sequence, ticks);
        var bytes = new byte[MessageStamp.Bytes + 5];

        stamp.Write(bytes);

        Assert.True(MessageStamp.TryRead(bytes, out var read));
        Assert.Equal(stamp, read);
        Assert.Equal(Uri.EscapeDataString(Ascii(bytes)), Ascii(bytes));

        static string Ascii(byte[] bytes) => System.Text.Encoding.ASCII.GetString(bytes, 0, MessageStamp.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello from #10 and all of his friends")]
    [InlineData("~AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("~AAAAAAAAAAAAA AAAAAAAA")]
    [InlineData("~AAAAAAAAAAAAAäAAAAAAAA")]
    public void TryRead_SomethingElse_IsNone(string text)
    {
        Assert.False(MessageStamp.TryRead(System.Text.Encoding.Latin1.GetBytes(text), out _));
    }
}
