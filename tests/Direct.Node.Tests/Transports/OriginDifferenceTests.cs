using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents two nodes that allow only some origins.</summary>
public sealed class ChoosyNodes() : TwoNodes("Direct:Connections:AllowedOrigins:0=https://good.example");

public sealed class OriginDifferenceTests(ChoosyNodes nodes) : IClassFixture<ChoosyNodes>
{
    [Fact]
    public async Task Head_OfAnyOrigin_IsAnsweredAlike()
    {
        string[] origins =
        [
            "", "Origin: https://good.example", "Origin: HTTPS://Good.Example", "ORIGIN:https://good.example  ",
            "Origin: https://bad.example", "Origin: null", "Origin:", "Origin: https://good.example/",
            "Origin: https://good.example:443", "Origin: https://good.example.bad.example",
            "Origin: https://good.example, https://good.example", "Origin: https://good.example https://bad.example",
            "Origin: https://good.example\r\nOrigin: https://good.example", "Origin: https://good.example\r\nOrigin: https://bad.example",
            "Origin: https://bad.example\r\nOrigin: https://good.example",
            "Origin: https://good.example\u00e4", "Origin: https://good.example\tx", "Origin : https://good.example",
            "X-Origin: https://bad.example", "Origin: https://good.example\r\n x",
        ];

        var outcomes = await nodes.AssertAlikeAsync(
            origins.ToDictionary(origin => origin, origin => Script.Of(origin.Length == 0 ? UsualHeads.Plain : UsualHeads.With(origin))));

        Assert.StartsWith("HTTP/1.1 101", outcomes["Origin: https://good.example"], StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403", outcomes["Origin: https://bad.example"], StringComparison.Ordinal);
    }
}

/// <summary>Represents two nodes that allow only some host names, by a setting of the web server.</summary>
public sealed class NamedNodes() : TwoNodes("--AllowedHosts=127.0.0.1;good.example");

public sealed class HostDifferenceTests(NamedNodes nodes) : IClassFixture<NamedNodes>
{
    // This protects against pages that resolve their own host name to this machine (DNS rebinding).
    [Theory]
    [InlineData("good.example", 101)]
    [InlineData("bad.example", 400)]
    public async Task Head_OfAnyHost_IsAnsweredAlike(string host, int status)
    {
        var outcomes = await nodes.AssertAlikeAsync(
            new Dictionary<string, Script> { [host] = Script.Of(UsualHeads.Instead("Host", $"Host: {host}")) });

        Assert.StartsWith($"HTTP/1.1 {status} ", outcomes[host], StringComparison.Ordinal);
    }
}
