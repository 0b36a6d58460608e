using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class WebSocketHandshakeTests
{
    [Fact]
    public void AcceptValue_TheExampleOfTheRfc_IsTheRfcs()
    {
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.AcceptValue("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    [Theory]
    [InlineData("direct.2", true)]
    [InlineData(" chat,\tdirect.2 ", true)]
    [InlineData("", false)]
    [InlineData("direct.22,direct", false)]
    [InlineData("Direct.2", false)]
    [InlineData("direct .2", false)]
    public void OffersDirect2_AList_IsWhetherItContainsTheName(string value, bool expected)
    {
        Assert.Equal(expected, WebSocketHandshake.OffersDirect2(System.Text.Encoding.ASCII.GetBytes(value)));
    }

    [Theory]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("/+/+/+/+/+/+/+/+/+/+/w==")]
    public void IsValidKey_SixteenBytes_IsTrue(string key)
    {
        Assert.True(WebSocketHandshake.IsValidKey(key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ===")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ== ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA")] // 15 bytes
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA=")] // 17 bytes
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")] // 18 bytes
    [InlineData("AAAAAAAAAAAAAAAAAAAA    ")]
    [InlineData("A A A A A A A A A A A A ")]
    [InlineData("========================")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!==")]
    [InlineData("AAAAAAAAAA-_AAAAAAAAAA==")] // Base64 for URLs
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA=A")]
    [InlineData("ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ==")]
    public void IsValidKey_AnythingElse_IsFalse(string? key)
    {
        Assert.False(WebSocketHandshake.IsValidKey(key));
    }
}
