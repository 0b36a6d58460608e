using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Direct.Edge.Hosting;
using Direct.Edge.OperatorConsole;
using Direct.Edge.Tests.Fakes;
using Direct.Settings;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.OperatorConsole;

/// <summary>Tests the routes of the console page and its response headers.</summary>
public sealed partial class ConsoleEndpointTests
{
    private const int MainPort = 8085;
    private const int ManagementPort = 9085;

    private static readonly string[] Production = ["env=production", "sessions=none"];

    [Theory]
    [InlineData("/!direct-console")]
    [InlineData("/!direct-watch")]
    public async Task Request_ToATestNode_IsAnsweredAtItsOnlyPort(string path)
    {
        Assert.NotEqual(404, (await GetAsync(path, MainPort, "env=test")).StatusCode);
    }

    [Theory]
    [InlineData("/!direct-console", "127.0.0.1")]
    [InlineData("/!direct-console", "203.0.113.7")]
    [InlineData("/!direct-watch", "127.0.0.1")]
    public async Task Request_InProductionWithoutAManagementPort_Is404(string path, string peer)
    {
        Assert.Equal(404, (await GetAsync(path, MainPort, Production, peer: peer)).StatusCode);
    }

    [Theory]
    [InlineData("env=test")]
    [InlineData("env=production")]
    public async Task Request_WithAManagementPort_IsAnsweredThereAlone(string environment)
    {
        string[] settings = [environment, "sessions=none", $"Direct:Endpoints:ManagementPort={ManagementPort}"];

        Assert.Equal(404, (await GetAsync(ConsoleEndpoint.Path, MainPort, settings)).StatusCode);
        Assert.Equal(200, (await GetAsync(ConsoleEndpoint.Path, ManagementPort, settings)).StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Request_ByAnotherMethod_Is405(string method)
    {
        var response = await GetAsync(ConsoleEndpoint.Path, MainPort, ["env=test"], method);

        Assert.Equal((405, "GET, HEAD"), (response.StatusCode, response.Headers.Allow.ToString()));
    }

    [Fact]
    public async Task Page_Head_HasTheHeadersWithoutABody()
    {
        var response = await GetAsync(ConsoleEndpoint.Path, MainPort, ["env=test"], "HEAD");

        Assert.True(response.ContentLength > 1000);
        Assert.Empty(BodyOf(response));
    }

    [Fact]
    public async Task Page_ItsStyleAndScript_AreThoseThatItsPolicyAllows()
    {
        var response = await GetAsync(ConsoleEndpoint.Path, MainPort, "env=test");

        var (html, policy) = (BodyOf(response), response.Headers.ContentSecurityPolicy.ToString());
        Assert.Contains($"script-src 'sha256-{Hash(Script().Match(html).Groups[1].Value)}';", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src 'sha256-{Hash(Style().Match(html).Groups[1].Value)}';", policy, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NeedsNothingButItself()
    {
        var html = BodyOf(await GetAsync(ConsoleEndpoint.Path, MainPort, "env=test"));

        Assert.DoesNotContain("{{", html, StringComparison.Ordinal);
        Assert.All(References().Matches(html), match => Assert.Matches("^(#|data:)", match.Groups[1].Value));
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", html, StringComparison.Ordinal); // the content security policy would block it
        Assert.DoesNotContain("innerHTML", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node.example:8085", "ws://node.example:8085 wss://node.example:8085")]
    [InlineData("node.example", "ws://node.example wss://node.example")]
    [InlineData("[::1]:8085", "ws://*:8085 wss://*:8085")]
    [InlineData("node.example; script-src *:80", "ws://*:80 wss://*:80")]
    public async Task Policy_WithoutAManagementPort_AllowsTheWebSocketOfThePagesHost(string host, string sources)
    {
        Assert.Equal(sources, await SourcesAsync(MainPort, host));
    }

    [Theory]
    [InlineData("node.example:9085", "ws://node.example:8085 wss://node.example:8085")]
    [InlineData("10.0.0.8:9085", "ws://10.0.0.8:8085 wss://10.0.0.8:8085")]
    public async Task Policy_WithAManagementPort_AllowsThePublicPort(string host, string sources)
    {
        Assert.Equal(sources, await SourcesAsync(ManagementPort, host, $"Direct:Endpoints:ManagementPort={ManagementPort}"));
    }

    [Fact]
    public async Task Policy_WithAUrl_AllowsItsOriginAndThePageHasIt()
    {
        const string Setting = "Direct:Console:WebSocketUrl=wss://chat.example.com/!direct?a=1&b=2";

        Assert.Equal("wss://chat.example.com", await SourcesAsync(MainPort, "node.example", Setting));
        Assert.Contains(
            "data-websocket-url=\"wss://chat.example.com/!direct?a=1&amp;b=2\"", BodyOf(await GetAsync(ConsoleEndpoint.Path, MainPort, "env=test", Setting)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocketUrl_WithANameBeyondAscii_IsInThePolicyAsBrowsersWriteIt() =>
        Assert.Equal("wss://xn--cht-rla.example:8443", await SourcesAsync(MainPort, "node.example", "Direct:Console:WebSocketUrl=wss://chät.example:8443/!direct"));

    [Theory]
    [InlineData("https://chat.example.com/!direct", "https://chat.example.com/!direct")]
    [InlineData("chat.example.com", "chat.example.com")]
    [InlineData("wss://user:secret@chat.example.com/!direct", "…")]
    [InlineData("wss://chat.example.com/!direct#part", "wss://chat.example.com/!direct#part")]
    [InlineData("wss://[fd00::8]/!direct", "wss://[fd00::8]/!direct")]
    public async Task WebSocketUrl_OfAnotherForm_IsAFaultThatSaysWhatIsExpected(string url, string shown)
    {
        await using var node = TestComposition.Create("env=test", $"Direct:Console:WebSocketUrl={url}");

        var fault = Assert.Single(node.Get<SettingsCheck>().Errors);

        Assert.StartsWith($"Direct:Console:WebSocketUrl is '{shown}'; it must be", fault, StringComparison.Ordinal);
        Assert.Contains("wss://chat.example.com/!direct", fault, StringComparison.Ordinal);
    }

    private static async Task<string> SourcesAsync(int port, string host, params string[] settings)
    {
        var response = await GetAsync(ConsoleEndpoint.Path, port, ["env=test", .. settings], host: host);
        return response.Headers.ContentSecurityPolicy.ToString().Split("connect-src 'self' ")[1];
    }

    private static Task<HttpResponse> GetAsync(string path, int port, params string[] settings) => GetAsync(path, port, settings, "GET");

    private static async Task<HttpResponse> GetAsync(
        string path, int port, string[] settings, string method = "GET", string peer = "127.0.0.1", string host = "127.0.0.1:8085")
    {
        await using var node = TestComposition.Create(settings);
        var context = new DefaultHttpContext { Request = { Method = method, Path = path, Host = new HostString(host) } };
        (context.Connection.LocalPort, context.Connection.RemoteIpAddress) = (port, IPAddress.Parse(peer));
        context.Response.Body = new MemoryStream();
        await node.Get<DirectRouter>().HandleAsync(context);
        await context.Response.CompleteAsync();
        return context.Response;
    }

    private static string BodyOf(HttpResponse response) => Encoding.UTF8.GetString(((MemoryStream)response.Body).ToArray());

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("(?:src|href|action)=\"([^\"]*)\"")]
    private static partial Regex References();
}
