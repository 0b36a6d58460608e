using Direct.Edge.Identity;

namespace Direct.Edge.Tests.Identity;

public sealed class AnonymousIdTests
{
    [Theory]
    [InlineData("127.0.0.1", -144953630)]
    [InlineData("::1", -364823692)]
    [InlineData("203.0.113.7", -265253088)]
    [InlineData("198.51.100.1", -848715251)]
    [InlineData("2001:db8::1", -988793287)]
    [InlineData("10.0.0.1", -1589558925)]
    [InlineData("255.255.255.255", -1469496433)]
    public void For_TheVectorsOfTheContract_IsTheirId(string address, long id)
    {
        Assert.Equal(id, AnonymousId.For(address));
    }

    [Fact]
    public void For_TheTableOfTheDocument_IsTheSame()
    {
        var rows = Documents.Table("docs/protocol.md", "address text", "user id");

        Assert.Equal(7, rows.Count);
        Assert.All(rows, row => Assert.Equal(row[1], $"{AnonymousId.For(row[0])}"));
    }

    [Fact]
    public void For_TextBeyondAscii_HashesItsUtf8()
    {
        Assert.Equal(Expected("gr\u00FC\u00DFe"u8), AnonymousId.For("gr\u00FC\u00DFe"));
    }

    private static long Expected(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 2166136261;
        foreach (var value in bytes)
        {
            hash = ((hash ^ value) * 16777619) % 4294967296;
        }

        return -(long)(hash % 2147483648);
    }
}
