using System.Text.Json;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Presence;

public sealed class ClusterEndpointTests : IDisposable
{
    private readonly PresenceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Cluster_AllAnswer_IsOnePicture()
    {
        Answer(
            [],
            new NamedResponse("this-gateway", new GatewayResponse(12)
            {
                Status = new GatewayStatus("1.2.3", GatewayState.Serving)
                {
                    LeaseLeft = TimeSpan.FromSeconds(7.24),
                    Deliveries = 123456,
                    Signals = 1234,
                    QueuedBytes = 5,
                    Uptime = TimeSpan.FromSeconds(12.3),
                    Canaries = [new SiloCanary("s", TimeSpan.FromMilliseconds(0.8), TimeSpan.FromSeconds(1.2), IsOk: true), new SiloCanary("t", null, TimeSpan.FromSeconds(2), IsOk: false)],
                },
            }));

        var (status, body, _) = await GetAsync("");

        Assert.Equal(
            (200, """{"answeredBy":"this-gateway","gateways":[{"name":"this-gateway","version":"1.2.3","state":"serving","leaseSeconds":7.2,"connections":12,"deliveries":123456,"signals":1234,"queuedBytes":5,"upSeconds":12.3,"canaries":[{"silo":"s","latencyMs":0.8,"agoSeconds":1.2,"ok":true},{"silo":"t","latencyMs":null,"agoSeconds":2,"ok":false}]}],"silos":[{"name":"s","version":"1.2.3","status":"Active"},{"name":"t","version":null,"status":"Joining"}],"topics":[],"complete":true,"missing":[]}"""),
            (status, body));
    }

    [Fact]
    public async Task Cluster_GatewaysThatDoNotAnswerOrKnowTheQuestion_AreMissing()
    {
        Answer(["z"], Named("this-gateway"), new NamedResponse("old", new GatewayResponse(99)));

        var cluster = await ReadAsync("");

        Assert.Equal(["this-gateway"], Names(cluster));
        Assert.Equal("false [\"old\",\"z\"]", $"{cluster.GetProperty("complete").GetRawText()} {cluster.GetProperty("missing").GetRawText()}");
    }

    /// <summary>Tests that the queried gateway reports its own status even when no silo reaches it.</summary>
    [Fact]
    public async Task Cluster_TheAskedGatewayIsMissing_TellsOfItselfAllTheSame()
    {
        Answer(["this-gateway", "z"], Named("b"));
        await _fixture.Gateway.JoinAsync(5, 7);

        var cluster = await ReadAsync("");

        Assert.Equal(["b", "this-gateway"], Names(cluster));
        Assert.Equal(1, cluster.GetProperty("gateways")[1].GetProperty("connections").GetInt32());
        Assert.Equal("[\"z\"]", cluster.GetProperty("missing").GetRawText());
    }

    [Fact]
    public async Task Cluster_TopicsOfSeveralGateways_AreAddedAndTheLargestTold()
    {
        Answer([], Named("a", Topic(7, 1, 5), Topic(0, 9, 4)), Named("this-gateway", Topic(0, 9, 4), Topic(7, 0, 2)));

        var cluster = await ReadAsync("?topics=2");

        Assert.Equal(
            """[{"target":"0,9,0","connections":8},{"target":"7,1,0","connections":5}]""",
            cluster.GetProperty("topics").GetRawText());
    }

    [Theory]
    [InlineData("", 40)]
    [InlineData("?topics=0", 0)]
    [InlineData("?topics=100&x=y", 400)]
    public async Task Cluster_Topics_BoundWhatEachGatewaySends(string query, int expected)
    {
        ClusterQuery? asked = null;
        _fixture.Backplane.OnQuery = (query, _) =>
        {
            asked = query;
            return new(new ClusterAnswer(QueryStatus.Answered, [], []));
        };

        await GetAsync(query);

        Assert.Equal(new ClusterQuery(ClusterQueryKind.Status, default) { Limit = expected }, asked);
    }

    [Theory]
    [InlineData("?topics=101")]
    [InlineData("?topics=-1")]
    [InlineData("?topics=")]
    [InlineData("?topics=all")]
    public async Task Cluster_BadTopics_Is400ThatSaysWhatWasExpected(string query)
    {
        var (status, body, _) = await GetAsync(query);

        Assert.Equal(400, status);
        Assert.Contains("topics", body, StringComparison.Ordinal);
        Assert.Contains("0 to 100", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_AnotherMethod_Is405()
    {
        var (status, _, response) = await PresenceFixture.CallAsync(_fixture.Cluster, "", "POST");

        Assert.Equal((405, "GET"), (status, response.Headers.Allow.ToString()));
    }

    [Theory]
    [InlineData(QueryStatus.NotReady)]
    [InlineData(QueryStatus.Lost)]
    public async Task Cluster_CannotBeAsked_Is503InTime(QueryStatus outcome)
    {
        _fixture.Backplane.OnQuery = (_, _) => new(new ClusterAnswer(outcome, [], []));

        var (status, _, response) = await _fixture.RunAsync(GetAsync(""));

        Assert.Equal((503, "1"), (status, response.Headers.RetryAfter.ToString()));
    }

    [Theory]
    [InlineData("draining", GatewayState.Draining)]
    [InlineData("degraded", GatewayState.Degraded)]
    [InlineData("unresponsive", GatewayState.Unresponsive)]
    public async Task Cluster_AnyState_HasItsName(string name, GatewayState state)
    {
        Answer([], new NamedResponse("this-gateway", new GatewayResponse(0) { Status = new GatewayStatus("1.2.3", state) }));

        var gateway = (await ReadAsync("")).GetProperty("gateways")[0];

        Assert.Equal((name, JsonValueKind.Null), (gateway.GetProperty("state").GetString(), gateway.GetProperty("leaseSeconds").ValueKind));
    }

    private static NamedResponse Named(string name, params TopicSize[] topics) =>
        new(name, new GatewayResponse(1) { Status = new GatewayStatus("1.2.3", GatewayState.Serving) { Topics = topics } });

    private static TopicSize Topic(long group, long channel, int connections) => new(new Target(group, channel, 0), connections);

    private static IEnumerable<string?> Names(JsonElement cluster) =>
        cluster.GetProperty("gateways").EnumerateArray().Select(gateway => gateway.GetProperty("name").GetString());

    private void Answer(string[] missing, params NamedResponse[] replies) => _fixture.Backplane.OnQuery = (_, _) => new(
        new ClusterAnswer(QueryStatus.Answered, replies, missing) { Silos = [new SiloMember("t", null, "Joining"), new SiloMember("s", "1.2.3", "Active")] });

    private Task<(int Status, string Body, Microsoft.AspNetCore.Http.HttpResponse Response)> GetAsync(string query) =>
        PresenceFixture.CallAsync(_fixture.Cluster, query);

    private async Task<JsonElement> ReadAsync(string query)
    {
        var (status, body, _) = await GetAsync(query);
        Assert.Equal(200, status);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.Clone();
    }
}
