using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Backplane.Specification;

/// <summary>
/// Specifies what every <see cref="IBackplane"/> must do. There is a derived test class for each backplane and each size of cluster. Every test has a
/// separate cluster, and ids that no other test of the run uses.
/// </summary>
public abstract class BackplaneSpecification : IAsyncLifetime
{
    private const int Signals = 300;

    private static long _lastNumber = 7_000_000;

    private readonly long _group = Interlocked.Increment(ref _lastNumber);
    private readonly long _channel = Interlocked.Increment(ref _lastNumber);
    private readonly long _user = Interlocked.Increment(ref _lastNumber);
    private BackplaneCluster? _cluster;

    /// <summary>Gets the number of gateways in the cluster; 1 for a backplane of a single node.</summary>
    protected abstract int GatewayCount { get; }

    protected IReadOnlyList<BackplaneGateway> Gateways => _cluster!.Gateways;

    /// <summary>Gets a gateway that publishes.</summary>
    protected BackplaneGateway First => Gateways[0];

    /// <summary>Gets another gateway, if there is more than one.</summary>
    protected BackplaneGateway Last => Gateways[^1];

    private Target Room => new(_group, _channel, 0);

    private string Id => $"id-{_group}";

    public async ValueTask InitializeAsync()
    {
        _cluster = await StartAsync();
        Assert.Equal(GatewayCount, Gateways.Count);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(TopicKind.User)]
    [InlineData(TopicKind.Group)]
    [InlineData(TopicKind.Channel)]
    [InlineData(TopicKind.Room)]
    [InlineData(TopicKind.All)]
    public async Task Publish_TopicThatEveryGatewayHolds_ReachesEachSinkAsItIs(TopicKind kind)
    {
        var target = kind switch
        {
            TopicKind.User => new Target(_group, _channel, _user),
            TopicKind.Group => new Target(_group, 0, 0),
            TopicKind.Channel => new Target(0, _channel, 0),
            TopicKind.Room => new Target(_group, _channel, 0),
            _ => default,
        };
        await HoldEverywhereAsync(Topic.For(target));

        await First.PublishAsync(target, "grüße", Id);

        Assert.All(Gateways, gateway => Assert.Equal([new ReceivedSignal(Topic.For(target), target, "grüße", Id)], gateway.Sink.Received));
    }

    [Fact]
    public async Task Publish_ToTheLobby_ReachesEachSinkAsItIs()
    {
        await HoldEverywhereAsync(Topic.Lobby);

        await First.PublishAsync(Topic.Lobby, default, "hello");

        Assert.All(Gateways, gateway => Assert.Equal([new ReceivedSignal(Topic.Lobby, default, "hello", null)], gateway.Sink.Received));
    }

    [Fact]
    public async Task Publish_EmptyMessage_IsDelivered()
    {
        await HoldEverywhereAsync(Topic.For(Room));

        await First.PublishAsync(Room, "");

        Assert.All(Gateways, gateway => Assert.Equal("", Assert.Single(gateway.Sink.Received).Text));
    }

    [Fact]
    public async Task Publish_LargeMessage_ArrivesWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 8 * 1024).Select(i => $"{i,8}"));
        await HoldEverywhereAsync(Topic.For(Room));

        await First.PublishAsync(Room, text);

        Assert.All(Gateways, gateway => Assert.Equal(text, Assert.Single(gateway.Sink.Received).Text));
    }

    [Fact]
    public async Task Publish_ConnectionsOnSeveralGateways_ReceiptAddsThemUp()
    {
        for (var i = 0; i < Gateways.Count; i++)
        {
            await Gateways[i].HoldAsync(Topic.For(Room), i + 2);
        }

        var receipt = await First.PublishAsync(Room, "hello");

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, Enumerable.Range(2, Gateways.Count).Sum(), Gateways.Count), receipt);
    }

    [Fact]
    public async Task Publish_OneGatewayHoldsTheTopic_ReceiptCountsThatOneAlone()
    {
        await Last.HoldAsync(Topic.For(Room), 3);

        var receipt = await First.PublishAsync(Room, "hello");

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 3, 1), receipt);
    }

    [Fact]
    public async Task Publish_NobodyHoldsTheTopic_ReceiptIsZero()
    {
        var receipt = await First.PublishAsync(Room, "hello");

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 0, 0), receipt);
    }

    [Fact]
    public async Task Publish_ConnectionsInAnotherTopic_GetNothing()
    {
        await HoldEverywhereAsync(Topic.Room(_channel, _group));
        await HoldEverywhereAsync(Topic.Group(_group));

        await First.PublishAsync(Room, "hello");

        Assert.All(Gateways, gateway => Assert.Empty(gateway.Sink.Received));
    }

    [Fact]
    public async Task Publish_ManySignalsWithoutWaiting_ArriveInOrderEverywhere()
    {
        var texts = Enumerable.Range(0, Signals).Select(i => $"{i}").ToArray();
        await HoldEverywhereAsync(Topic.For(Room));

        await PublishAllAsync(First, texts);

        Assert.All(Gateways, gateway => Assert.Equal(texts, TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_FromEveryGatewayAtOnce_KeepsEachOnesOrder()
    {
        await HoldEverywhereAsync(Topic.For(Room));

        await PublishFromEverywhereAsync();

        foreach (var publisher in Gateways)
        {
            var expected = Enumerable.Range(0, Signals).Select(i => $"{publisher.Name}:{i}");
            Assert.All(
                Gateways,
                gateway => Assert.Equal(expected, TextsOf(gateway).Where(text => text.StartsWith(publisher.Name + ":", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task Publish_FromEveryGatewayAtOnce_IsOneOrderForAll()
    {
        await HoldEverywhereAsync(Topic.For(Room));

        await PublishFromEverywhereAsync();

        Assert.All(Gateways, gateway => Assert.Equal(TextsOf(First), TextsOf(gateway)));
    }

    [Fact]
    public async Task Subscribe_Twice_DeliversOnce()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        await HoldEverywhereAsync(Topic.For(Room));

        await First.PublishAsync(Room, "hello");

        Assert.All(Gateways, gateway => Assert.Equal(["hello"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Unsubscribe_Twice_IsNoError()
    {
        await Last.HoldAsync(Topic.For(Room), 1);
        await Last.LeaveAsync(Topic.For(Room));

        await Last.UnsubscribeAsync(Topic.For(Room));

        Assert.Equal(0, (await First.PublishAsync(Room, "hello")).Delivered);
    }

    [Fact]
    public async Task Unsubscribe_OfWhatWasNeverSubscribed_IsNoError()
    {
        await Last.UnsubscribeAsync(Topic.For(Room));

        Assert.Equal(0, (await First.PublishAsync(Room, "hello")).Delivered);
    }

    [Fact]
    public async Task Unsubscribe_OneGateway_LeavesTheOthersAlone()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        await Last.LeaveAsync(Topic.For(Room));

        var receipt = await First.PublishAsync(Room, "hello");

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, Gateways.Count - 1, Gateways.Count - 1), receipt);
    }

    [Fact]
    public async Task Unsubscribe_OneTopic_LeavesTheOthersAlone()
    {
        await HoldEverywhereAsync(Topic.Group(_group));
        await HoldEverywhereAsync(Topic.For(Room));
        await Last.LeaveAsync(Topic.For(Room));

        await First.PublishAsync(new Target(_group, 0, 0), "hello");

        Assert.Equal(["hello"], TextsOf(Last));
    }

    [Fact]
    public async Task Subscribe_AfterAnUnsubscribe_DeliversAgain()
    {
        await Last.HoldAsync(Topic.For(Room), 1);
        for (var round = 0; round < 5; round++)
        {
            await Last.LeaveAsync(Topic.For(Room));
            await Last.HoldAsync(Topic.For(Room), 1);
            await First.PublishAsync(Room, $"{round}");
        }

        Assert.Equal(["0", "1", "2", "3", "4"], TextsOf(Last));
    }

    [Fact]
    public async Task Publish_AnIdAgain_DeliversNothingAndAnswersAsTheFirstTime()
    {
        await HoldEverywhereAsync(Topic.For(Room), 2);
        var first = await First.PublishAsync(Room, "hello", Id);

        var second = await First.PublishAsync(Room, "hello", Id);

        Assert.Equal((first, 2 * Gateways.Count), (second, first.Delivered));
        Assert.All(Gateways, gateway => Assert.Equal(["hello"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_AnIdAgainFromAnotherGateway_AnswersAsTheFirstTime()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        var first = await First.PublishAsync(Room, "hello", Id);

        var second = await Last.PublishAsync(Room, "hello", Id);

        Assert.Equal(first, second);
        Assert.All(Gateways, gateway => Assert.Equal(["hello"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_AnIdAgainWithAnotherMessage_IsRefused()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        await First.PublishAsync(Room, "hello", Id);

        var receipt = await First.PublishAsync(Room, "goodbye", Id);

        Assert.Equal(new Receipt(ReceiptStatus.IdReused, 0, 0), receipt);
        Assert.All(Gateways, gateway => Assert.Equal(["hello"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_AnIdThatCannotBeRemembered_IsRefused()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        Assert.All(Gateways, gateway => gateway.Sink.MaxRememberedIds = 0);

        var receipt = await First.PublishAsync(Room, "hello", Id);

        Assert.Equal(new Receipt(ReceiptStatus.IdsExhausted, 0, 0), receipt);
        Assert.All(Gateways, gateway => Assert.Empty(gateway.Sink.Received));
    }

    [Fact]
    public async Task Publish_AnIdThatOneGatewayCannotRemember_ReceiptCountsThoseThatTookIt()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        Last.Sink.MaxRememberedIds = 0;

        var receipt = await First.PublishAsync(Room, "hello", Id);

        Assert.Equal(new Receipt(ReceiptStatus.IdsExhausted, Gateways.Count - 1, Gateways.Count - 1), receipt);
        Assert.Equal(receipt.Delivered, Gateways.Sum(gateway => gateway.Sink.Received.Count));
    }

    [Fact]
    public async Task Publish_TwiceWithoutAnId_DeliversTwice()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        await First.PublishAsync(Room, "hello");

        await First.PublishAsync(Room, "hello");

        Assert.All(Gateways, gateway => Assert.Equal(["hello", "hello"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_WhoseReceiptNobodyReads_IsDeliveredInItsOrder()
    {
        await HoldEverywhereAsync(Topic.For(Room));
        await First.PublishAsync(Room, "before");
        await First.PublishOnlyAsync(Topic.For(Room), Room, "broadcast", needsReceipt: false);

        await First.PublishAsync(Room, "after");

        Assert.All(Gateways, gateway => Assert.Equal(["before", "broadcast", "after"], TextsOf(gateway)));
    }

    [Fact]
    public async Task Publish_Acknowledged_HasHadItsPlace()
    {
        await HoldEverywhereAsync(Topic.For(Room));

        var placement = await First.PublishOnlyAsync(Topic.For(Room), Room, "hello");
        await BackplaneGateway.ReceiptAsync(placement, "hello");

        Assert.True(placement.Pending is not { Accepted.IsCompletedSuccessfully: false });
    }

    [Fact]
    public async Task ReadyAsync_IdleTopic_Completes()
    {
        await Deadline.RunAsync("ready", token => First.Backplane.ReadyAsync(Topic.For(Room), token));
    }

    [Theory]
    [InlineData(ClusterQueryKind.Count)]
    [InlineData(ClusterQueryKind.Rows)]
    [InlineData(ClusterQueryKind.Users)]
    [InlineData(ClusterQueryKind.Close)]
    public async Task Query_AnyKind_ReachesEachDeskAsItIs(ClusterQueryKind kind)
    {
        var query = new ClusterQuery(kind, new Target(_group, _channel, -_user))
        {
            After = new UserRowKey(-_user, _group, long.MinValue),
            Limit = 100,
            CloseCode = 4999,
            CloseText = "tschüß",
        };

        await Last.QueryAsync(query);

        Assert.All(Gateways, gateway => Assert.Equal([query], gateway.PresenceHandler.Asked));
    }

    [Fact]
    public async Task Query_FirstPage_HasNoPlaceToBeginAfter()
    {
        await First.QueryAsync(new ClusterQuery(ClusterQueryKind.Rows, default) { Limit = 1 });

        Assert.All(Gateways, gateway => Assert.Null(Assert.Single(gateway.PresenceHandler.Asked).After));
    }

    [Fact]
    public async Task Query_EveryGatewayAnswers_RepliesComeAsTheyAreUnderEachOnesName()
    {
        for (var i = 0; i < Gateways.Count; i++)
        {
            Gateways[i].PresenceHandler.Response = new GatewayResponse(i + 3)
            {
                Rows = [new UserRow(new UserRowKey(-_user, 0, 0), 1), new UserRow(new UserRowKey(long.MaxValue, _group, _channel), i + 2)],
                Users = [long.MinValue, -1, i, long.MaxValue],
                HasMore = i == 0,
            };
        }

        var answer = await First.QueryAsync(new ClusterQuery(ClusterQueryKind.Rows, default) { Limit = 2 });

        Assert.Empty(answer.Missing);
        Assert.Equal(Gateways.Select(gateway => gateway.Name).Order(), answer.Responses.Select(named => named.Gateway).Order());
        foreach (var gateway in Gateways)
        {
            var reply = answer.Responses.Single(named => named.Gateway == gateway.Name).Response;
            Assert.Equal(
                (gateway.PresenceHandler.Response.Connections, gateway.PresenceHandler.Response.HasMore), (reply.Connections, reply.HasMore));
            Assert.Equal(gateway.PresenceHandler.Response.Rows, reply.Rows);
            Assert.Equal(gateway.PresenceHandler.Response.Users, reply.Users);
        }
    }

    [Fact]
    public async Task Query_LargePages_ArriveWhole()
    {
        const int Items = 50_000;
        Assert.All(Gateways, gateway => gateway.PresenceHandler.Response = new GatewayResponse(Items)
        {
            Rows = [.. Enumerable.Range(0, Items).Select(i => new UserRow(new UserRowKey(i - _user, _group, _channel), i + 1))],
            Users = [.. Enumerable.Range(0, Items).Select(i => i - _user)],
        });

        var answer = await First.QueryAsync(new ClusterQuery(ClusterQueryKind.Rows, default) { Limit = Items });

        Assert.All(answer.Responses, named => Assert.Equal((Items, Items), (named.Response.Rows.Count, named.Response.Users.Count)));
    }

    /// <summary>Starts the cluster of a test.</summary>
    protected abstract ValueTask<BackplaneCluster> StartAsync();

    protected async Task HoldEverywhereAsync(Topic topic, int connections = 1)
    {
        foreach (var gateway in Gateways)
        {
            await gateway.HoldAsync(topic, connections);
        }
    }

    private static IEnumerable<string> TextsOf(BackplaneGateway gateway) => gateway.Sink.Received.Select(signal => signal.Text);

    // Publishes from a separate thread for each gateway, because otherwise the gateways would publish one after the other.
    private Task PublishFromEverywhereAsync() => Task.WhenAll(
        Gateways.Select(gateway => Task.Run(() => PublishAllAsync(gateway, Enumerable.Range(0, Signals).Select(i => $"{gateway.Name}:{i}")))));

    private async Task PublishAllAsync(BackplaneGateway gateway, IEnumerable<string> texts)
    {
        var placements = new List<PublishResult>();
        foreach (var text in texts)
        {
            placements.Add(await gateway.PublishOnlyAsync(Topic.For(Room), Room, text));
        }

        foreach (var placement in placements)
        {
            await BackplaneGateway.ReceiptAsync(placement, $"one of {placements.Count} from {gateway.Name}");
        }
    }
}
