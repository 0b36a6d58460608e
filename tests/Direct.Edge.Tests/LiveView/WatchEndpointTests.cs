using System.Net;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Hosting;
using Direct.Edge.LiveView;
using Direct.Edge.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.LiveView;

/// <summary>Tests the access rules and the refusals of the watch endpoint.</summary>
public sealed class WatchEndpointTests
{
    [Theory]
    [InlineData("", "'part' is missing", "group,channel,user")]
    [InlineData("?part=1,2", "'part' is '1,2'", "group,channel,user")]
    [InlineData("?part=0,0,1&seconds=0", "'seconds' is '0'", "1 to 600")]
    [InlineData("?part=0,0,1&seconds=601", "'seconds' is '601'", "1 to 600")]
    [InlineData("?part=0,0,1&seconds=ten", "'seconds' is 'ten'", "1 to 600")]
    [InlineData("?part=0,0,1&messages=yes", "'messages' is 'yes'", "1 or 0")]
    public async Task Watch_BadParameter_IsNamedWithWhatWasExpected(string query, string named, string expected)
    {
        await using var node = Node();

        var (status, body) = await GetAsync(node, query);

        Assert.Equal(400, status);
        Assert.Contains(named, body, StringComparison.Ordinal);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_MessagesThatAreNotShown_Is403ThatNamesTheSetting()
    {
        await using var node = Node();

        var (status, body) = await GetAsync(node, "?part=0,0,1&messages=1");

        Assert.Equal(403, status);
        Assert.Contains("Direct:Console:ShowMessages", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NoRoom_Is429ThatNamesTheSetting()
    {
        await using var node = Node("Direct:Console:MaxWatches=0");

        var (status, body) = await GetAsync(node, "?part=0,0,1");

        Assert.Equal(429, status);
        Assert.Contains("Direct:Console:MaxWatches", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, null)]
    [InlineData(401, "6f1e0d9a55c84b7a9e21b0a7c4d2e1f9")]
    [InlineData(400, "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8")]
    public async Task Watch_WithKeys_NeedsOneOfThem(int expected, string? key)
    {
        await using var node = Node("Direct:Signals:Keys:0=6f1e0d9a55c84b7a9e21b0a7c4d2e1f8");

        var (status, _) = await GetAsync(node, "", request => request.Headers.Authorization = key is null ? default : $"Bearer {key}");

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Watch_ForAPageOfAnotherOrigin_Is403()
    {
        await using var node = Node();

        var (status, _) = await GetAsync(node, "?part=0,0,1&seconds=1", request => request.Headers["Sec-Fetch-Site"] = "cross-site");

        Assert.Equal(403, status);
    }

    [Fact]
    public async Task Watch_AnotherMethod_Is405()
    {
        await using var node = Node();

        Assert.Equal(405, (await GetAsync(node, "?part=0,0,1", request => request.Method = "POST")).Status);
    }

    private static TestComposition Node(params string[] settings) => TestComposition.Create(
        static services => services.AddSingleton<IBackplane>(new FaultyBackplane { OnQuery = static (_, _) => throw new InvalidOperationException("asked") }),
        ["env=test", .. settings]);

    private static async Task<(int Status, string Body)> GetAsync(TestComposition node, string query, Action<HttpRequest>? change = null)
    {
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = WatchEndpoint.Path, QueryString = new QueryString(query) } };
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        change?.Invoke(context.Request);
        using var body = new MemoryStream();
        context.Response.Body = body;
        await node.Get<DirectRouter>().HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()).Replace("\\u0027", "'", StringComparison.Ordinal));
    }
}
