using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Presence;

/// <summary>Tests the response to a signal with <c>explain=1</c>. The backplane throws when a signal is published.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly PresenceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("GET", "?part=5,7,0&explain=1")]
    [InlineData("GET", "?part=5,7,0&message=hello&id=order-1&explain=1")]
    [InlineData("POST", "?part=5,7,0&explain=1")]
    public async Task Explain_Matching_NamesTopicAndGatewaysAndSendsNothing(string method, string query)
    {
        ClusterQuery? asked = null;
        _fixture.Backplane.OnQuery = (query, _) =>
        {
            asked = query;
            NamedResponse[] replies = [new("a", new GatewayResponse(7)), new("b", new GatewayResponse(0)), new("c", new GatewayResponse(5))];
            return new(new ClusterAnswer(QueryStatus.Answered, replies, ["d"]));
        };

        var (status, body, _) = await PresenceFixture.CallAsync(_fixture.Signals, query, method, body: method == "POST" ? "hello" : "");

        Assert.Equal(
            (200, """{"topic":"room/5/7","connections":12,"gateways":[{"name":"a","connections":7},{"name":"c","connections":5}],"missing":["d"]}"""),
            (status, body));
        Assert.Equal(new ClusterQuery(ClusterQueryKind.Count, new Target(5, 7, 0)), asked);
    }

    [Theory]
    [InlineData("0,0,0", "all")]
    [InlineData("5,0,0", "group/5")]
    [InlineData("0,-7,0", "channel/-7")]
    [InlineData("5,7,9", "user/9")]
    public async Task Explain_AnyTarget_NamesItsTopic(string part, string topic)
    {
        var (_, body, _) = await PresenceFixture.CallAsync(_fixture.Signals, $"?part={part}&explain=1");

        Assert.StartsWith($"{{\"topic\":\"{topic}\",", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "?part=5,7&explain=1", null, "part")]
    [InlineData("GET", "?explain=1", null, "part")]
    [InlineData("GET", "?part=5,7,0&message=hello&explain=yes", null, "explain")]
    [InlineData("POST", "?part=5,7,0&explain=true", null, "explain")]
    [InlineData("POST", "?explain=1", "application/json", "explain")]
    [InlineData("POST", "?explain=x", "application/json", "explain")]
    public async Task Explain_BadRequest_IsNamedAndSendsNothing(string method, string query, string? type, string name)
    {
        var (status, body, _) = await PresenceFixture.CallAsync(
            _fixture.Signals, query, method, type, type is null ? "" : """[{"part":"5,7,0","message":"hello"}]""");

        Assert.Equal(400, status);
        Assert.Contains($"'{name}'", body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_ClusterIsNotReady_Is503InTime()
    {
        _fixture.Backplane.OnQuery = static (_, _) => new(ClusterAnswer.NotReady);

        var (status, _, _) = await _fixture.RunAsync(PresenceFixture.CallAsync(_fixture.Signals, "?part=5,7,0&explain=1"));

        Assert.Equal(503, status);
    }
}
