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

    // FNV-1a's own vectors: the hash of nothing is its basis, 0x811C9DC5; that of "foobar" is 0xBF9CF968.
    [Theory]
    [InlineData("", -0x011C9DC5)]
    [InlineData("foobar", -0x3F9CF968)]
    public void For_TheVectorsOfTheHash_IsTheirId(string text, long id)
    {
        Assert.Equal(id, AnonymousId.For(text));
    }

    [Fact]
    public void For_TextBeyondAscii_HashesItsUtf8()
    {
        Assert.Equal(Expected("gr\u00FC\u00DFe"u8), AnonymousId.For("gr\u00FC\u00DFe"));
    }

    [Fact]
    public void For_ManyTexts_IsNeverPositive()
    {
        Assert.DoesNotContain(Enumerable.Range(0, 100_000), i => AnonymousId.For($"10.{i / 65536}.{i / 256 % 256}.{i % 256}") > 0);
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
