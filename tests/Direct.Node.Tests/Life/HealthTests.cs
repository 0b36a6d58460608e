using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Life;

[Collection(nameof(OnPlainNode))]
public sealed class HealthTests(TestNode node)
{
    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task Check_OfARunningNode_Is200(string path)
    {
        using var answer = await node.Process.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/livez/")]
    [InlineData("/LIVEZ")]
    [InlineData("/Readyz")]
    [InlineData("/readyz/x")]
    [InlineData("/metrics/")]
    [InlineData("/index.html")]
    [InlineData("*")]
    public async Task Request_OfAnythingElse_Is404(string path)
    {
        var answer = await RawHttp.RequestAsync(node.Port, path == "*" ? "OPTIONS" : "GET", path);

        Assert.True(answer.Status is 404 or 405, $"404 expected, got {answer}");
    }
}
