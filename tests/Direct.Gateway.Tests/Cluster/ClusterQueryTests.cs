using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Grains.Gateways;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

/// <summary>Tests queries about connections in both directions: those that a gateway sends, and those that it answers.</summary>
public sealed class ClusterQueryTests : IAsyncDisposable
{
    private static readonly ClusterQuery Question = new(ClusterQueryKind.Close, new Target(5, 7, 9))
    {
        After = new UserRowKey(-1, 2, 3),
        Limit = 4,
        CloseCode = 4500,
        CloseText = "bye",
    };

    private static readonly ClusterQuery Status = new(ClusterQueryKind.Status, default) { Limit = 40 };

    private readonly GatewayLeaseFixture _gateway = new();
    private readonly TaskCompletionSource _closed = new();
    private readonly ClusterBackplane _backplane;

    public ClusterQueryTests() => _backplane = new ClusterBackplane(
        _gateway.Grains, _gateway.Wanted, _gateway.Lease, _gateway.Promises, Options.Create(_gateway.BackplaneOptions), _gateway.Queues, _gateway.Metrics, _gateway.Time,
        NullLogger<ClusterBackplane>.Instance);

    public static TheoryData<Exception> Errors => [new TimeoutException(), new SiloUnavailableException()];

    public static TheoryData<RecheckState> RecheckStates => [.. Enum.GetValues<RecheckState>()];

    public static TheoryData<ClusterQueryKind> Kinds => [.. Enum.GetValues<ClusterQueryKind>()];

    [Fact]
    public async Task Query_Answered_HasRepliesAndMissing()
    {
        ConnectionQuery? asked = null;
        var reply = new ConnectionResponse(6, [new UserConnections(new UserConnectionsKey(1, 2, 3), 4)], [1, 5], true);
        _gateway.Grains.Queries.OnQuery = query =>
        {
            asked = query;
            return Task.FromResult(new QueryAnswer(QueryOutcome.Answered, ["a"], [reply], ["b"]));
        };

        var answer = await _backplane.QueryAsync(Question, CancellationToken.None);

        Assert.Equal(new ConnectionQuery(ConnectionQueryKind.Close, 5, 7, 9, new UserConnectionsKey(-1, 2, 3), 4, 4500, "bye"), asked);
        Assert.Equal(QueryStatus.Answered, answer.Status);
        Assert.Equal(["b"], answer.Missing);
        var named = Assert.Single(answer.Responses);
        Assert.Equal(("a", 6, true), (named.Gateway, named.Response.Connections, named.Response.HasMore));
        Assert.Equal([new UserRow(new UserRowKey(1, 2, 3), 4)], named.Response.Rows);
        Assert.Equal([1, 5], named.Response.Users);
    }

    [Fact]
    public async Task Ask_Status_HasFiguresAndSilos()
    {
        var figures = new GatewayFigures(
            "1.2.3", GatewayCondition.Draining, TimeSpan.FromSeconds(7), 8, 9, 10, TimeSpan.FromSeconds(11),
            [new CanaryFigures("s", TimeSpan.FromMilliseconds(12), TimeSpan.FromSeconds(13), true)], [new TopicFigures(14, 15, 16)]);
        _gateway.Grains.Queries.OnQuery = _ => Task.FromResult(new QueryAnswer(
            QueryOutcome.Answered, ["a", "old"], [new ConnectionResponse(6, [], [], false, figures), new ConnectionResponse(6, [], [], false)], [],
            [new SiloFigures("s", "1.2.3", "Active")]));

        var answer = await _backplane.QueryAsync(Status, CancellationToken.None);

        Assert.Equal([new SiloMember("s", "1.2.3", "Active")], answer.Silos);
        Assert.Null(answer.Responses[1].Response.Status);
        var status = answer.Responses[0].Response.Status;
        Assert.NotNull(status);
        Assert.Equal(("1.2.3", GatewayState.Draining, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(11)), (status.Version, status.State, status.LeaseLeft, status.Uptime));
        Assert.Equal((8L, 9L, 10L), (status.Deliveries, status.Signals, status.QueuedBytes));
        Assert.Equal([new SiloCanary("s", TimeSpan.FromMilliseconds(12), TimeSpan.FromSeconds(13), true)], status.Canaries);
        Assert.Equal([new TopicSize(new Target(14, 15, 0), 16)], status.Topics);
    }

    /// <summary>
    /// Tests a status query through an older silo, which drops the parts of responses that it does not know. The result must be lost, not an empty
    /// status of every gateway.
    /// </summary>
    [Fact]
    public async Task Ask_StatusOfASiloThatDoesNotKnowTheQuestion_IsLost()
    {
        _gateway.Grains.Queries.OnQuery = _ => Task.FromResult(new QueryAnswer(QueryOutcome.Answered, ["a"], [new ConnectionResponse(6, [], [], false)], []));

        Assert.Equal(QueryStatus.Lost, (await _backplane.QueryAsync(Status, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Watch_Answered_HasWhatTheGatewayHasRecorded()
    {
        var watched = new WatchedConnections(
            [new OpenConnection(7, new Target(1, 2, 3), TimeSpan.FromSeconds(4), 5)],
            new RecentEvents(8, [new EndedConnection(6, 9, new Target(-1, 0, 3), 4002, "slow_consumer")], [new DeliveredMessage(7, new Target(1, 0, 0), 11, "0a1b2c3d", 2)]));
        ConnectionQuery? asked = null;
        _gateway.Grains.Queries.OnQuery = query =>
        {
            asked = query;
            return Task.FromResult(new QueryAnswer(
                QueryOutcome.Answered, ["new", "old"], [new GatewayResponse(1) { Watched = watched }.ToWire(), new GatewayResponse(1).ToWire()], [], []));
        };

        var answer = await _backplane.QueryAsync(new ClusterQuery(ClusterQueryKind.Watch, default) { WithMessages = true }, CancellationToken.None);

        Assert.Equal((ConnectionQueryKind.Watch, true), (asked!.Kind, asked.WithMessages));
        Assert.True(asked.ToQuery().WithMessages);
        var read = answer.Responses[0].Response.Watched!;
        Assert.Equal(watched.Open, read.Open);
        Assert.Equal((8, watched.Recent.Ended.Single(), watched.Recent.Delivered.Single()), (read.Recent.Next, read.Recent.Ended.Single(), read.Recent.Delivered.Single()));
        Assert.Null(answer.Responses[1].Response.Watched); // as in the response of a gateway that does not support the query
    }

    /// <summary>
    /// Tests a watch query and a recheck through a silo of 0.1.0. It drops the data that it does not know, which must not look like gateways that did not respond.
    /// </summary>
    [Theory]
    [InlineData(ClusterQueryKind.Watch)]
    [InlineData(ClusterQueryKind.Recheck)]
    public async Task Query_AnsweredByASiloOfTheReleaseThatDoesNotKnowIt_IsLost(ClusterQueryKind kind)
    {
        _gateway.Grains.Queries.OnQuery = static _ => Task.FromResult(new QueryAnswer(QueryOutcome.Answered, ["new"], [new GatewayResponse(1).ToWire()], []));

        Assert.Equal(QueryStatus.Lost, (await _backplane.QueryAsync(new ClusterQuery(kind, default), CancellationToken.None)).Status);
    }

    [Theory]
    [MemberData(nameof(RecheckStates))]
    public async Task Recheck_Answered_HasTheIdAndHowFarEachGatewayIs(RecheckState state)
    {
        var recheck = new RecheckStatus(state, 9, 8);
        var response = new GatewayResponse(0) { Recheck = recheck }.ToWire();
        var query = new ClusterQuery(ClusterQueryKind.Recheck, new Target(1, 2, 3)) { RecheckId = Guid.NewGuid() };
        ConnectionQuery? asked = null;
        _gateway.Grains.Queries.OnQuery = wire =>
        {
            asked = wire;
            return Task.FromResult(new QueryAnswer(
                QueryOutcome.Answered, ["new", "old"], [response, new GatewayResponse(1).ToWire()], [], []));
        };

        var answer = await _backplane.QueryAsync(query, CancellationToken.None);

        Assert.Equal(query, asked!.ToQuery());
        Assert.Equal(state.ToString(), response.Recheck!.Progress.ToString());
        Assert.Equal([recheck, null], answer.Responses.Select(static named => named.Response.Recheck));
    }

    [Theory]
    [InlineData(QueryOutcome.NotReady, QueryStatus.NotReady)]
    [InlineData(QueryOutcome.Unsure, QueryStatus.Lost)]
    public async Task Query_SiloCannotTell_SaysHowFarItWent(QueryOutcome outcome, QueryStatus expected)
    {
        _gateway.Grains.Queries.OnQuery = _ => Task.FromResult(new QueryAnswer(outcome, [], [], []));

        Assert.Equal(expected, (await _backplane.QueryAsync(Question, CancellationToken.None)).Status);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Query_CallFails_IsLost(Exception error)
    {
        _gateway.Grains.Queries.OnQuery = _ => Task.FromException<QueryAnswer>(error);

        Assert.Equal(QueryStatus.Lost, (await _backplane.QueryAsync(Question, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Query_CallerGivesUp_EndsAtOnce()
    {
        _gateway.Grains.Queries.OnQuery = static _ => new TaskCompletionSource<QueryAnswer>().Task;
        using var source = new CancellationTokenSource();
        var asking = _backplane.QueryAsync(Question, source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Query_PastTheFence_AsksNobody()
    {
        await PassTheFenceAsync();

        var answer = await _backplane.QueryAsync(Question, CancellationToken.None);

        Assert.Equal(QueryStatus.NotReady, answer.Status);
        Assert.Empty(_gateway.Grains.Queries.Queries);
    }

    [Fact]
    public async Task Observer_Asked_AnswersFromTheDesk()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.PresenceHandler.Response = new GatewayResponse(6) { Rows = [new UserRow(new UserRowKey(1, 2, 3), 4)], Users = [1, 5], HasMore = true };

        var reply = await _gateway.Observers[1].QueryAsync(Question.ToWire());

        Assert.Equal([Question], _gateway.PresenceHandler.Asked);
        Assert.NotNull(reply);
        Assert.Equal((6, true), (reply.Connections, reply.HasMore));
        Assert.Equal([new UserConnections(new UserConnectionsKey(1, 2, 3), 4)], reply.Rows);
        Assert.Equal([1, 5], reply.Users);
    }

    [Fact]
    public async Task Observer_AskedForItsStatus_SendsWhatTheDeskSays()
    {
        await _gateway.StartAndRegisterAsync();
        var status = new GatewayStatus("1.2.3", GatewayState.Unresponsive)
        {
            LeaseLeft = TimeSpan.FromSeconds(7),
            Deliveries = 8,
            Signals = 9,
            QueuedBytes = 10,
            Uptime = TimeSpan.FromSeconds(11),
            Canaries = [new SiloCanary("s", null, TimeSpan.FromSeconds(13), false)],
            Topics = [new TopicSize(new Target(14, 15, 0), 16)],
        };
        _gateway.PresenceHandler.Response = new GatewayResponse(6) { Status = status };

        var figures = (await _gateway.Observers[1].QueryAsync(Status.ToWire()))?.Status;

        Assert.NotNull(figures);
        Assert.Equal(
            ("1.2.3", GatewayCondition.Unresponsive, status.LeaseLeft, 8L, 9L, 10L, status.Uptime),
            (figures.Version, figures.Condition, figures.LeaseLeft, figures.Deliveries, figures.Signals, figures.QueuedBytes, figures.Uptime));
        Assert.Equal([new CanaryFigures("s", null, TimeSpan.FromSeconds(13), false)], figures.Canaries);
        Assert.Equal([new TopicFigures(14, 15, 16)], figures.Topics);
    }

    /// <summary>Tests a query that reaches a gateway past its fence. Queries from before a freeze may be outdated, and close commands would then do harm.</summary>
    [Fact]
    public async Task Observer_AskedPastTheFence_DoesNothing()
    {
        await PassTheFenceAsync();

        Assert.Null(await _gateway.Observers[0].QueryAsync(Question.ToWire()));
        Assert.Empty(_gateway.PresenceHandler.Asked);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ToWire_AnyKind_KeepsItsNameAndComesBack(ClusterQueryKind kind)
    {
        var query = new ClusterQuery(kind, new Target(1, 2, 3));

        var wire = query.ToWire();

        Assert.Equal(kind.ToString(), wire.Kind.ToString());
        Assert.Equal(query, wire.ToQuery());
    }

    public async ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        _backplane.Dispose();
        await _gateway.DisposeAsync();
    }

    private async Task PassTheFenceAsync()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Registry.OnRenew = static _ => new TaskCompletionSource<RenewAnswer>().Task;
        _gateway.Fence.Closed = _closed.Task;
        _gateway.Time.Advance(_gateway.BackplaneOptions.FenceAfter + TimeSpan.FromTicks(1));
    }
}
