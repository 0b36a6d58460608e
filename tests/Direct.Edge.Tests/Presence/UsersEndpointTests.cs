using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Presence;

public sealed class UsersEndpointTests : IDisposable
{
    private readonly FakeDirectory _directory = new();
    private readonly PresenceFixture _fixture;

    public UsersEndpointTests() => _fixture = new PresenceFixture(_directory);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Users_OnTwoGateways_AreOneList()
    {
        Answer([], Response(hasMore: false, Row(7, 5, 7, 1), Row(-3, 0, 0, 2)), Response(hasMore: false, Row(7, 5, 7, 1)));

        var (status, body, _) = await GetAsync("?part=0,0,0");

        Assert.Equal(
            (200, """{"users":[{"user":-3,"group":0,"channel":0,"connections":2},{"user":7,"group":5,"channel":7,"connections":2}],"next":null,"complete":true,"missing":[]}"""),
            (status, body));
    }

    [Fact]
    public async Task Users_MoreThanThePage_NamesTheNext()
    {
        Answer([], Response(hasMore: true, Row(7, 5, 8, 1)));

        var (_, body, _) = await GetAsync("?part=5,0,0&limit=1");

        Assert.Contains("\"next\":\"5,8,7\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_AGatewayDoesNotAnswer_IsNamedAndTheListIsNotComplete()
    {
        Answer(["c"], Response(hasMore: false, Row(7, 5, 7, 1)));

        var (status, body, _) = await GetAsync("?part=5,0,0");

        Assert.Equal(200, status);
        Assert.EndsWith("\"next\":null,\"complete\":false,\"missing\":[\"c\"]}", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_AllParameters_AreQueried()
    {
        ClusterQuery? asked = null;
        _fixture.Backplane.OnQuery = (query, _) =>
        {
            asked = query;
            return new(new ClusterAnswer(QueryStatus.Answered, [], []));
        };

        await GetAsync("?part=5,7,-9&after=-1,%2B2,3&limit=1000&x=y");

        Assert.Equal(new ClusterQuery(ClusterQueryKind.Rows, new Target(5, 7, -9)) { After = new UserRowKey(3, -1, 2), Limit = 1000 }, asked);
    }

    [Theory]
    [InlineData("", "part", "group,channel,user")]
    [InlineData("?part=", "part", "group,channel,user")]
    [InlineData("?part=1,2", "part", "group,channel,user")]
    [InlineData("?part=%zz", "part", "hexadecimal")]
    [InlineData("?part=0,0,0&after=7", "after", "group,channel,user")]
    [InlineData("?part=0,0,0&after=", "after", "group,channel,user")]
    [InlineData("?part=0,0,0&limit=0", "limit", "1 to 1000")]
    [InlineData("?part=0,0,0&limit=1001", "limit", "1 to 1000")]
    [InlineData("?part=0,0,0&limit=+5", "limit", "1 to 1000")]
    [InlineData("?part=0,0,0&limit=ten", "limit", "1 to 1000")]
    [InlineData("?part=0,0,0&limit=5%00", "limit", "1 to 1000")]
    [InlineData("?part=0,0,0&info=yes", "info", "1 or 0")]
    [InlineData("?part=0,0,0&count=", "count", "1 or 0")]
    [InlineData("?part=0,0,0&count=1&info=1", "info", "count")]
    public async Task Users_BadParameter_IsNamedWithWhatWasExpected(string query, string name, string expected)
    {
        _fixture.Backplane.OnQuery = static (_, _) => throw new InvalidOperationException("asked");

        var (status, body, response) = await GetAsync(query);

        Assert.Equal((400, "application/problem+json"), (status, response.ContentType));
        Assert.Contains($"'{name}'", body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Users_AnotherMethod_Is405(string method)
    {
        var (status, _, response) = await PresenceFixture.CallAsync(_fixture.Users, "?part=0,0,0", method);

        Assert.Equal((405, "GET"), (status, response.Headers.Allow.ToString()));
    }

    [Theory]
    [InlineData(QueryStatus.NotReady)]
    [InlineData(QueryStatus.Lost)]
    public async Task Users_ClusterCannotBeAsked_Is503InTime(QueryStatus outcome)
    {
        _fixture.Backplane.OnQuery = (_, _) => new(new ClusterAnswer(outcome, [], []));

        var (status, _, response) = await _fixture.RunAsync(GetAsync("?part=0,0,0"));

        Assert.Equal((503, "1"), (status, response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task Users_WithInfo_HaveWhatIsKnownOfThem()
    {
        _directory.Known[7] = new UserInfo("Ada Lovelace", "ada", null);
        Answer([], Response(hasMore: false, Row(-3, 0, 0, 1), Row(7, 5, 7, 1), Row(7, 5, 8, 1)));

        var (status, body, _) = await GetAsync("?part=0,0,0&info=1");

        Assert.Equal(200, status);
        Assert.Contains("""{"user":-3,"group":0,"channel":0,"connections":1,"name":null,"nick":null,"image":null}""", body, StringComparison.Ordinal);
        Assert.Contains("""{"user":7,"group":5,"channel":8,"connections":1,"name":"Ada Lovelace","nick":"ada","image":null}""", body, StringComparison.Ordinal);
        Assert.Equal([-3, 7], _directory.Asked);
    }

    [Fact]
    public async Task Users_DirectoryCannotTell_Is503()
    {
        _directory.IsDown = true;

        Assert.Equal(503, (await GetAsync("?part=0,0,0&info=1")).Status);
    }

    [Fact]
    public async Task Users_DirectoryHangs_Is503InTime()
    {
        _directory.Hangs = true;

        Assert.Equal(503, (await _fixture.RunAsync(GetAsync("?part=0,0,0&info=1"))).Status);
    }

    [Fact]
    public async Task Users_WithInfoAndNoDirectory_Is400ThatSaysSo()
    {
        using var fixture = new PresenceFixture();

        var (status, body, _) = await PresenceFixture.CallAsync(fixture.Users, "?part=0,0,0&info=1");

        Assert.Equal(400, status);
        Assert.Contains("user directory", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Count_SeveralPages_CountsEveryoneOnce()
    {
        ClusterAnswer[] pages =
        [
            Pages(new GatewayResponse(4) { Users = [1, 2], HasMore = true }, new GatewayResponse(2) { Users = [2, 3], HasMore = false }),
            Pages(new GatewayResponse(4) { Users = [3, 4], HasMore = false }, new GatewayResponse(2) { Users = [3], HasMore = false }),
        ];
        var asked = new List<ClusterQuery>();
        _fixture.Backplane.OnQuery = (query, _) =>
        {
            asked.Add(query);
            return new(pages[asked.Count - 1]);
        };

        var (status, body, _) = await GetAsync("?part=0,0,0&count=1");

        Assert.Equal((200, """{"connections":6,"users":4,"gateways":2,"complete":true,"missing":[]}"""), (status, body));
        Assert.Equal([null, 2L], asked.Select(query => query.After?.User));
    }

    /// <summary>Tests a count that runs into its timeout: the response has the partial count and is marked as incomplete.</summary>
    [Fact]
    public async Task Count_TimeIsUpBeforeTheEnd_SaysHowFarItCame()
    {
        var asked = 0;
        _fixture.Backplane.OnQuery = (_, _) => new(
            asked++ == 0 ? Pages(new GatewayResponse(4) { Users = [1, 2], HasMore = true }) : ClusterAnswer.NotReady);

        var (status, body, _) = await _fixture.RunAsync(GetAsync("?part=0,0,0&count=1"));

        Assert.Equal((200, """{"connections":4,"users":2,"gateways":1,"complete":false,"missing":[]}"""), (status, body));
    }

    [Fact]
    public async Task Users_EveryAnswer_IsCountedByItsStatusAndNotAsASignal()
    {
        await GetAsync("?part=0,0,0");
        await GetAsync("?part=0");

        var meters = _fixture.Gateway.Meters;
        Assert.Equal((1.0, 1.0), (meters.Sum("direct.gateway.queries", "kind=users,status=200"), meters.Sum("direct.gateway.queries", "kind=users,status=400")));
        Assert.Equal(0, meters.Sum("direct.gateway.signals"));
    }

    private static UserRow Row(long user, long group, long channel, int connections) => new(new UserRowKey(user, group, channel), connections);

    private static GatewayResponse Response(bool hasMore, params UserRow[] rows) => new(rows.Sum(row => row.Connections)) { Rows = rows, HasMore = hasMore };

    private static ClusterAnswer Pages(params GatewayResponse[] replies) =>
        new(QueryStatus.Answered, [.. replies.Select((reply, i) => new NamedResponse($"g{i}", reply))], []);

    private void Answer(string[] missing, params GatewayResponse[] replies) => _fixture.Backplane.OnQuery = (_, _) => new(Pages(replies) with { Missing = missing });

    private Task<(int Status, string Body, Microsoft.AspNetCore.Http.HttpResponse Response)> GetAsync(string query) =>
        PresenceFixture.CallAsync(_fixture.Users, query);

    private sealed class FakeDirectory : IUserDirectory
    {
        public Dictionary<long, UserInfo> Known { get; } = [];

        public List<long> Asked { get; } = [];

        public bool IsDown { get; set; }

        public bool Hangs { get; set; }

        public async ValueTask<IReadOnlyDictionary<long, UserInfo>?> FindAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
        {
            Asked.AddRange(userIds);
            if (Hangs)
            {
                await new TaskCompletionSource().Task;
            }

            return IsDown ? null : Known;
        }
    }
}
