using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.Presence;

public sealed class RecheckEndpointTests : IDisposable
{
    private static readonly RecheckStatus Running = new(RecheckState.Running);

    private readonly PresenceFixture _fixture = new();
    private readonly List<ClusterQuery> _asked = [];

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Recheck_EveryGatewayIsComplete_AnswersTheSums(string method)
    {
        Answer(Answered(("a", Complete(7, 2)), ("b", Complete(0, 0)), ("c", Complete(5, 1))));

        var (status, body, _) = await CallAsync("?part=5,7,0", method);

        Assert.Equal((200, """{"checked":12,"removed":3,"gateways":3}"""), (status, body));
        var query = Assert.Single(_asked);
        Assert.Equal((ClusterQueryKind.Recheck, new Target(5, 7, 0)), (query.Kind, query.Target));
        Assert.NotEqual(Guid.Empty, query.RecheckId);
    }

    [Fact]
    public async Task Recheck_ByAForm_TakesItsPart()
    {
        Answer(Answered(("a", Complete(1, 0))));

        var (status, _, _) = await PresenceFixture.CallAsync(_fixture.Rechecks, "", "POST", "application/x-www-form-urlencoded", "part=0,0,42");

        Assert.Equal((200, new Target(0, 0, 42)), (status, Assert.Single(_asked).Target));
    }

    [Fact]
    public async Task Recheck_TwoCalls_HaveTheirOwnIds()
    {
        Answer(Answered(("a", Complete(1, 0))));

        await CallAsync("?part=5,7,0");
        await CallAsync("?part=5,7,0");

        Assert.NotEqual(_asked[0].RecheckId, _asked[1].RecheckId);
    }

    /// <summary>A gateway that registers meanwhile begins later, and takes part.</summary>
    [Fact]
    public async Task Recheck_SomeAreRunning_AsksAgainWithTheSameIdUntilNoneIs()
    {
        Answer(Answered(("a", Complete(7, 2)), ("b", Running)), Answered(("a", Complete(7, 2)), ("b", Complete(1, 0)), ("new", Running)), ClusterAnswer.NotReady,
            Answered(("a", Complete(7, 2)), ("b", Complete(1, 0)), ("new", Complete(1, 1))));

        var (status, body, _) = await _fixture.RunAsync(CallAsync("?part=5,7,0"));

        Assert.Equal((200, """{"checked":9,"removed":3,"gateways":3}"""), (status, body));
        Assert.Equal(4, _asked.Count);
        Assert.Single(_asked.Select(static query => query.RecheckId).Distinct());
    }

    [Fact]
    public async Task Recheck_StillRunningWhenTheTimeIsUp_Is503NamingThem()
    {
        Answer(Answered(("a", Complete(7, 2)), ("b", Running)));

        var (status, body, response) = await _fixture.RunAsync(CallAsync("?part=0,0,0"));

        Assert.Equal((503, "1"), (status, response.Headers.RetryAfter.ToString()));
        Assert.Contains("After 30 s memberships are still looked up by b. 7 memberships were checked and 2 removed", body, StringComparison.Ordinal);
    }

    /// <summary>Anything but complete on one gateway must not be answered 200: a connection there may still be without the right.</summary>
    [Theory]
    [InlineData(null, "Versions that do not know this call run on b.")]
    [InlineData(RecheckState.NotChecked, "No rights are checked (Direct:Rights:Mode is open) by b.")]
    [InlineData(RecheckState.Incomplete, "The source of rights did not answer for every membership on b.")]
    public async Task Recheck_AGatewayHasNotChecked_Is503NamingIt(RecheckState? state, string expected)
    {
        Answer(Answered(("a", Complete(7, 2)), ("b", state is { } known ? new RecheckStatus(known) : null)));

        var (status, body, response) = await CallAsync("?part=5,7,0");

        Assert.Equal((503, "application/problem+json", "1"), (status, response.ContentType, response.Headers.RetryAfter.ToString()));
        Assert.Contains(expected, body, StringComparison.Ordinal);
        Assert.Contains("7 memberships were checked and 2 removed. Repeat it: it is harmless.", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recheck_AGatewayDoesNotAnswer_Is503NamingIt()
    {
        Answer(Answered(("a", Complete(7, 2))) with { Missing = ["b", "c"] });

        var (status, body, _) = await CallAsync("?part=5,7,0");

        Assert.Equal(503, status);
        Assert.Contains("No answer from b, c. 7 memberships", body, StringComparison.Ordinal);
    }

    /// <summary>The others need their time, even if one does not answer: they remove who has to be removed.</summary>
    [Fact]
    public async Task Recheck_OneDoesNotAnswerAndOneIsRunning_WaitsForTheOther()
    {
        Answer(Answered(("a", Running)) with { Missing = ["b"] }, Answered(("a", Complete(7, 2)), ("b", Complete(1, 0))));

        var (status, _, _) = await _fixture.RunAsync(CallAsync("?part=5,7,0"));

        Assert.Equal(200, status);
    }

    [Theory]
    [InlineData(QueryStatus.NotReady, "Nothing was checked.")]
    [InlineData(QueryStatus.Lost, "not known")]
    public async Task Recheck_ClusterDoesNotAnswer_Is503(QueryStatus status, string expected)
    {
        Answer(new ClusterAnswer(status, [], []));

        var (code, body, _) = await _fixture.RunAsync(CallAsync("?part=5,7,0"));

        Assert.Equal(503, code);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?part=5,7")]
    public async Task Recheck_BadPart_Is400AndAsksNobody(string query)
    {
        var (status, body, _) = await CallAsync(query);

        Assert.Equal((400, 0), (status, _asked.Count));
        Assert.Contains("group,channel,user", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recheck_AnotherMethod_Is405()
    {
        var (status, _, response) = await CallAsync("?part=5,7,0", "DELETE");

        Assert.Equal((405, "GET, POST"), (status, response.Headers.Allow.ToString()));
    }

    [Fact]
    public async Task Recheck_RightsAreNotChecked_Is409AndAsksNobody()
    {
        using var open = new PresenceFixture(rights: null);

        var (status, body, _) = await PresenceFixture.CallAsync(open.Rechecks, "?part=5,7,0");

        Assert.Equal((409, 0), (status, _asked.Count));
        Assert.Contains("Direct:Rights:Mode is open", body, StringComparison.Ordinal);
    }

    private static RecheckStatus Complete(long @checked, long removed) => new(RecheckState.Complete, @checked, removed);

    private static ClusterAnswer Answered(params (string Gateway, RecheckStatus? Status)[] gateways) => new(
        QueryStatus.Answered,
        [.. gateways.Select(static gateway => new NamedResponse(gateway.Gateway, new GatewayResponse(0) { Recheck = gateway.Status }))],
        []);

    // The last answer is repeated.
    private void Answer(params ClusterAnswer[] answers) => _fixture.Backplane.OnQuery = (query, _) =>
    {
        _asked.Add(query);
        return new(answers[Math.Min(_asked.Count, answers.Length) - 1]);
    };

    private Task<(int Status, string Body, HttpResponse Response)> CallAsync(string query, string method = "GET") =>
        PresenceFixture.CallAsync(_fixture.Rechecks, query, method);
}
