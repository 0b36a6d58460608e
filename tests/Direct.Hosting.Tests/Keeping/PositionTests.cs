using System.Text;
using Direct.Keeping;

namespace Direct.Hosting.Tests.Keeping;

public sealed class PositionTests
{
    [Theory]
    [InlineData(1, 0, "00000000001.0")]
    [InlineData(61, 1, "0000000000z.1")]
    [InlineData(62, 42, "00000000010.42")]
    [InlineData(long.MaxValue, long.MaxValue, "AzL8n0Y58m7.9223372036854775807")]
    public void Write_AStamp_IsReadAgain(long epoch, long offset, string text)
    {
        Span<byte> written = stackalloc byte[Position.MaxWrittenBytes];
        var length = Position.Write(written, new Stamp(epoch, offset));

        Assert.Equal(text, Encoding.ASCII.GetString(written[..length]));
        Assert.True(Position.IsValid(written[..length]));
        Assert.True(Position.TryParse(written[..length], out var stamp));
        Assert.Equal(new Stamp(epoch, offset), stamp);
    }

    [Fact]
    public void Write_None_IsZeroAndNoPosition()
    {
        Span<byte> written = stackalloc byte[Position.MaxWrittenBytes];

        Assert.Equal(1, Position.Write(written, Stamp.None));
        Assert.Equal((byte)'0', written[0]);
        Assert.False(Position.TryParse(written[..1], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000001.")]
    [InlineData("00000000001")]
    [InlineData("0000000001.5")]
    [InlineData("000000000010.5")]
    [InlineData("00000000000.5")] // no epoch
    [InlineData("00000000001.05")]
    [InlineData("00000000001.+5")]
    [InlineData("00000000001.-5")]
    [InlineData("00000000001.5x")]
    [InlineData("00000000001.9223372036854775808")]
    [InlineData("AzL8n0Y58m8.1")] // 2^63
    [InlineData("zzzzzzzzzzz.1")]
    [InlineData("0000000000-.1")]
    [InlineData("00000000001,1")]
    public void TryParse_AnotherText_IsRefused(string text) => Assert.False(Position.TryParse(Encoding.ASCII.GetBytes(text), out _));

    // Whatever is read is written in the same way, so that a position has one form.
    [Fact]
    public void TryParse_RandomBytes_ReadsOnlyWhatIsWritten()
    {
        var random = new Random(1);
        var parsed = 0;
        Span<byte> text = stackalloc byte[Position.MaxBytes];
        Span<byte> written = stackalloc byte[Position.MaxWrittenBytes];
        for (var i = 0; i < 200_000; i++)
        {
            var length = Position.Write(text, new Stamp(random.NextInt64(1, long.MaxValue), random.NextInt64() >> random.Next(63)));
            for (var change = random.Next(3); change > 0; change--)
            {
                text[random.Next(length)] = (byte)random.Next(256);
            }

            if (Position.TryParse(text[..length], out var stamp))
            {
                parsed++;
                Assert.True(stamp is { Epoch: > 0, Offset: >= 0 });
                Assert.True(text[..length].SequenceEqual(written[..Position.Write(written, stamp)]));
            }
        }

        Assert.InRange(parsed, 60_000, 199_000);
    }
}
