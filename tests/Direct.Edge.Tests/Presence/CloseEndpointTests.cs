using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Presence;

public sealed class CloseEndpointTests : IDisposable
{
    private readonly PresenceFixture _fixture = new();
    private readonly List<ClusterQuery> _asked = [];

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Close_Matching_AnswersHowManyAndWhere(string method)
    {
        Answer(new ClusterAnswer(
            QueryStatus.Answered,
            [new NamedResponse("a", new GatewayResponse(7)), new NamedResponse("b", new GatewayResponse(0)), new NamedResponse("c", new GatewayResponse(5))],
            []));

        var (status, body, _) = await CallAsync("?part=5,7,0&code=4999&reason=gr%C3%BC%C3%9Fe+you", method);

        Assert.Equal((200, """{"closed":12,"gateways":2}"""), (status, body));
        Assert.Equal([new ClusterQuery(ClusterQueryKind.Close, new Target(5, 7, 0)) { CloseCode = 4999, CloseText = "grüße you" }], _asked);
    }

    [Theory]
    [InlineData("", "part=5,7,0&code=4999&reason=gr%C3%BC%C3%9Fe+you", 200)]
    [InlineData("?part=5,7,0", "code=4999&reason=grüße you", 200)]
    [InlineData("?part=5,7,0&code=4999", "part=5,7,0&reason=x", 400)]
    [InlineData("?part=5,7,0", "code=1", 400)]
    public async Task Close_ByAForm_TakesItsParameters(string query, string form, int expected)
    {
        Answer(new ClusterAnswer(QueryStatus.Answered, [], []));

        var (status, _, _) = await PresenceFixture.CallAsync(_fixture.Closings, query, "POST", "application/x-www-form-urlencoded", form);

        Assert.Equal(expected, status);
        Assert.Equal(
            expected == 200 ? [new ClusterQuery(ClusterQueryKind.Close, new Target(5, 7, 0)) { CloseCode = 4999, CloseText = "grüße you" }] : [], _asked);
    }

    [Fact]
    public async Task Close_NodeWithoutItsCluster_Is503AndAsksNobody()
    {
        Answer(new ClusterAnswer(QueryStatus.Answered, [], []));
        _fixture.Gate.Block("no silo");

        var (status, _, _) = await CallAsync("?part=5,7,0");

        Assert.Equal((503, 0), (status, _asked.Count));
    }

    [Fact]
    public async Task Close_WithoutCodeAndReason_Is4500WithoutAWord()
    {
        Answer(new ClusterAnswer(QueryStatus.Answered, [], []));

        await CallAsync("?part=0,0,42");

        Assert.Equal([new ClusterQuery(ClusterQueryKind.Close, new Target(0, 0, 42)) { CloseCode = 4500, CloseText = "" }], _asked);
    }

    [Fact]
    public async Task Close_AGatewayDoesNotAnswer_Is503NamingItAndWhatWasClosed()
    {
        Answer(new ClusterAnswer(QueryStatus.Answered, [new NamedResponse("a", new GatewayResponse(7))], ["b", "c"]));

        var (status, body, response) = await CallAsync("?part=5,7,0");

        Assert.Equal((503, "application/problem+json", "1"), (status, response.ContentType, response.Headers.RetryAfter.ToString()));
        Assert.Contains("No answer from b, c; 7 connections", body, StringComparison.Ordinal);
        Assert.Contains("harmless", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_ClusterIsNotReady_Is503AndNothingWasClosed()
    {
        Answer(ClusterAnswer.NotReady);

        var (status, body, _) = await _fixture.RunAsync(CallAsync("?part=5,7,0"));

        Assert.Equal(503, status);
        Assert.Contains("Nothing was closed", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_AnswersAreLost_Is503AndAskedOnce()
    {
        Answer(ClusterAnswer.Lost);

        var (status, body, _) = await CallAsync("?part=5,7,0");

        Assert.Equal((503, 1), (status, _asked.Count));
        Assert.Contains("not known", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "part", "group,channel,user")]
    [InlineData("?part=5,7", "part", "group,channel,user")]
    [InlineData("?part=5,7,0&code=3999", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&code=5000", "code", "4500 to 4999")]
    [InlineData("?part=5,7,0&code=1000", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&code=70000", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&code=4500%00", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&code=", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&code=-4500", "code", "4000 to 4499")]
    [InlineData("?part=5,7,0&reason=%ff", "reason", "UTF-8")]
    public async Task Close_BadParameter_IsNamedWithWhatWasExpectedAndClosesNobody(string query, string name, string expected)
    {
        var (status, body, _) = await CallAsync(query);

        Assert.Equal((400, 0), (status, _asked.Count));
        Assert.Contains($"'{name}'", body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", 123, 200)]
    [InlineData("x", 124, 400)]
    [InlineData("%C3%BC", 61, 200)]
    [InlineData("%C3%BC", 62, 400)]
    public async Task Close_LongReason_MustFitIntoACloseFrame(string character, int count, int status)
    {
        Answer(new ClusterAnswer(QueryStatus.Answered, [], []));

        Assert.Equal(status, (await CallAsync("?part=5,7,0&reason=" + string.Concat(Enumerable.Repeat(character, count)))).Status);
    }

    [Fact]
    public async Task Close_AnotherMethod_Is405()
    {
        var (status, _, response) = await CallAsync("?part=5,7,0", "DELETE");

        Assert.Equal((405, "GET, POST"), (status, response.Headers.Allow.ToString()));
    }

    private void Answer(ClusterAnswer answer) => _fixture.Backplane.OnQuery = (query, _) =>
    {
        _asked.Add(query);
        return new(answer);
    };

    private Task<(int Status, string Body, Microsoft.AspNetCore.Http.HttpResponse Response)> CallAsync(string query, string method = "GET") =>
        PresenceFixture.CallAsync(_fixture.Closings, query, method);
}
