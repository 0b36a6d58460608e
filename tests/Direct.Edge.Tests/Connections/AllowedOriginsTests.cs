using Direct.Edge.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Connections;

public sealed class AllowedOriginsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("https://anyone.example")]
    public void Allow_WithoutAList_IsTrue(string? origin) => Assert.True(Origins().Allow(origin));

    [Theory]
    [InlineData(null, true)]
    [InlineData("https://good.example", true)]
    [InlineData("HTTPS://GOOD.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("", false)]
    [InlineData("null", false)]
    [InlineData("http://good.example", false)]
    [InlineData("https://good.example/", false)]
    [InlineData("https://good.example:443", false)]
    [InlineData("https://good.example.evil.example", false)]
    [InlineData("https://good.example,https://good.example", false)]
    [InlineData(" https://good.example", false)]
    public void Allow_WithAList_IsWhoIsOnItOrNobodysPage(string? origin, bool expected) =>
        Assert.Equal(expected, Origins("https://good.example", "http://localhost:3000").Allow(origin));

    [Theory]
    [InlineData("https://good.example/", "https://good.example")]
    [InlineData("https://good.example:443", "https://good.example")]
    [InlineData("https://good.example:443/", "https://good.example")]
    [InlineData("http://good.example:80", "http://good.example")]
    [InlineData("HTTPS://Good.Example/", "https://good.example")]
    [InlineData("http://localhost:3000/", "http://localhost:3000")]
    [InlineData("http://[::1]:80/", "http://[::1]")]
    [InlineData("https://bücher.example/", "https://xn--bcher-kva.example")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    [InlineData("null", "null")]
    public void Allow_EntryInAnotherFormThanBrowsersWriteIt_IsThatOrigin(string entry, string origin)
    {
        var origins = Origins(entry);

        Assert.True(origins.Allow(origin));
        Assert.True(origins.Name(origin));
    }

    [Theory]
    [InlineData("https://good.example:80", "https://good.example")]
    [InlineData("http://good.example:443", "http://good.example")]
    [InlineData("https://good.example/", "http://good.example")]
    public void Allow_EntryOfAnotherPortOrScheme_IsAnotherOrigin(string entry, string origin) => Assert.False(Origins(entry).Allow(origin));

    private static AllowedOrigins Origins(params string[] allowed)
    {
        var options = new ConnectionOptions();
        Array.ForEach(allowed, options.AllowedOrigins.Add);
        return new AllowedOrigins(Options.Create(options));
    }
}
