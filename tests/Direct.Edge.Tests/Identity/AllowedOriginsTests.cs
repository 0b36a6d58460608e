using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Identity;

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

    private static AllowedOrigins Origins(params string[] allowed)
    {
        var options = new ConnectionOptions();
        Array.ForEach(allowed, options.AllowedOrigins.Add);
        return new AllowedOrigins(Options.Create(options));
    }
}
