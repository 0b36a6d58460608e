using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Connections;

/// <summary>What a connection in many rooms receives, and what is left of it.</summary>
public sealed class JoinedRoomsTests : IDisposable
{
    private readonly TestGateway _gateway = new() { IsClustered = true };

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Signal_ThatMatchesByTwoRooms_ComesOnce()
    {
        var client = await _gateway.JoinDirect2Async("7,1", "7,2", "8,1");

        var delivered = new[] { Signal(7, 0, 0), Signal(0, 1, 0), Signal(0, 0, 1), Signal(0, 0, 0), Signal(7, 0, 1), Signal(0, 1, 1) };

        Assert.All(delivered, connections => Assert.Equal(1, connections));
        string[] expected = ["7,0,0 0\n7,0,0", "0,1,0 0\n0,1,0", "0,0,1 0\n0,0,1", "0,0,0 0\n0,0,0", "0,0,1 0\n7,0,1", "0,0,1 0\n0,1,1"];
        await Deadline.UntilAsync("every message", () => Messages(client).Length >= expected.Length);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Messages(client).Order(StringComparer.Ordinal));
    }

    // One room must match both: the connection is in group 7 and in channel 3, but in different rooms.
    [Fact]
    public async Task Signal_WhoseGroupAndChannelAreInDifferentRooms_DoesNotMatch()
    {
        await _gateway.JoinDirect2Async("7,1", "8,3");

        Assert.Equal((0, 0), (Signal(7, 3, 0), Signal(7, 3, 1)));
        Assert.Equal((1, 1), (Signal(7, 1, 0), Signal(8, 3, 1)));
    }

    [Theory]
    [InlineData("7,0", 1, 0, 0)]
    [InlineData("0,1", 0, 1, 0)]
    [InlineData("7,1", 1, 1, 1)]
    public async Task Signal_ToARoomWithAZero_MatchesByWhatIsJoined(string room, int group, int channel, int both)
    {
        await _gateway.JoinDirect2Async(room);

        Assert.Equal((group, channel, both), (Signal(7, 0, 0), Signal(0, 1, 0), Signal(7, 1, 0)));
        Assert.Equal((group, channel, both), (Signal(7, 0, 1), Signal(0, 1, 1), Signal(7, 1, 1)));
    }

    [Fact]
    public async Task Connection_WithoutARoom_IsNotInTheLobby()
    {
        var client = await _gateway.JoinDirect2Async();
        var original = await _gateway.EnterAsync();

        await original.BroadcastAsync("to the lobby");

        Assert.Equal("to the lobby", await original.Transport.TextAsync());
        Assert.Empty(Messages(client));
    }

    [Fact]
    public async Task Leave_OneOfTwoRoomsOfAGroup_KeepsTheGroup()
    {
        var client = await _gateway.JoinDirect2Async("7,1", "7,2", "7,0");

        await client.SendTextAsync("leave 7,1\nleave 7,0");
        Assert.Equal((1, 0, 0, 1), (Signal(7, 0, 0), Signal(0, 1, 0), Signal(7, 1, 0), Signal(7, 2, 0)));
        await client.SendTextAsync("leave 7,2");

        Assert.Equal((0, 0), (Signal(7, 0, 0), Signal(7, 2, 0)));
    }

    [Fact]
    public async Task Leave_TheLastRoomOfATopic_EndsItsSubscriptionAfterTheLinger()
    {
        _gateway.Subscriptions.SubscriptionLinger = TimeSpan.Zero;
        var client = await _gateway.JoinDirect2Async("7,1", "7,2");

        await client.SendTextAsync("leave 7,1");
        await UntilSubscribedAsync("channel/2", "group/7", "room/7/2", "user/1");
        await client.CloseAsync();

        await UntilSubscribedAsync();
        Assert.Equal(0, _gateway.Index.TopicCount);
    }

    [Fact]
    public async Task Join_Answers_ComeBeforeTheFirstMessageOfTheRoom()
    {
        using var stop = new CancellationTokenSource();
        var signalling = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Signal(7, 0, 0);
                Signal(7, 1, 0);
            }
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 50; i++)
        {
            var client = await _gateway.JoinDirect2Async();
            await client.SendTextAsync("join 7,1");
            await Deadline.UntilAsync("messages", () => Messages(client).Length > 1);
            var texts = client.Transport.Texts;

            Assert.Equal(["at 7,0,0 0", "at 0,1,0 0", "at 7,1,0 0", "joined 7,1"], texts.SkipWhile(text => !text.StartsWith("at 7", StringComparison.Ordinal)).Take(4));
            await client.CloseAsync();
        }

        await stop.CancelAsync();
        await signalling;
    }

    [Fact]
    public async Task Members_OfBothDialects_SeeTheSameOrder()
    {
        var (original, client) = (await _gateway.JoinAsync(7, 1), await _gateway.JoinDirect2Async("7,1"));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                _gateway.Signal(7, 1, 0, $"{thread}-{i}");
            }
        })));

        var expected = await original.Transport.TextsAsync(2000);
        await Deadline.UntilAsync("every message", () => Messages(client).Length == 2000);
        Assert.Equal(expected, Messages(client).Select(text => text["7,1,0 0\n".Length..]));
    }

    [Fact]
    public async Task Rows_OfAConnection_AreOneForEachRoomThatMatches()
    {
        await _gateway.JoinDirect2Async("7,2", "7,1", "8,0");
        await _gateway.JoinDirect2Async();

        Assert.Equal(
            [new UserRowKey(1, 7, 1), new UserRowKey(1, 7, 2), new UserRowKey(1, 8, 0), new UserRowKey(2, 0, 0)],
            Ask(ClusterQueryKind.Rows, default).Rows.Select(row => row.Key));
        Assert.Equal([new UserRowKey(1, 7, 1), new UserRowKey(1, 7, 2)], Ask(ClusterQueryKind.Rows, new Target(7, 0, 0)).Rows.Select(row => row.Key));
        Assert.Equal((2, 1, 0), (Ask(ClusterQueryKind.Count, default).Connections, Ask(ClusterQueryKind.Count, new Target(7, 0, 0)).Connections, Ask(ClusterQueryKind.Count, new Target(7, 3, 0)).Connections));
    }

    [Fact]
    public async Task Close_ByOneOfItsRooms_EndsTheConnection()
    {
        var client = await _gateway.JoinDirect2Async("7,2", "8,1");

        var reply = _gateway.PresenceHandler.Answer(new ClusterQuery(ClusterQueryKind.Close, new Target(8, 0, 0)) { CloseCode = 4100, CloseText = "bye" });

        Assert.Equal((1, 4100), (reply.Connections, client.Transport.Close?.Code));
        Assert.Equal((0, 0), (Signal(7, 2, 0), Ask(ClusterQueryKind.Count, default).Connections));
    }

    [Fact]
    public async Task Watch_AConnectionInManyRooms_ShowsTheFirstThatIsWatched()
    {
        var client = await _gateway.JoinDirect2Async("7,2", "7,1", "6,5");

        var open = Assert.Single(Watch(new Target(7, 0, 0)).Open);
        await client.CloseAsync();

        var ended = Assert.Single(Watch(new Target(7, 0, 0)).Recent.Ended);
        Assert.Equal((new Target(7, 1, 1), new Target(7, 1, 1)), (open.Place, ended.Place));
    }

    [Fact]
    public async Task Status_TopicsOfAConnection_AreCounted()
    {
        await _gateway.JoinDirect2Async("7,1", "7,2");

        var topics = _gateway.PresenceHandler.Answer(new ClusterQuery(ClusterQueryKind.Status, default) { Limit = 10 }).Status!.Topics;

        Assert.Equal(
            [new Target(0, 1, 0), new Target(0, 2, 0), new Target(7, 0, 0), new Target(7, 1, 0), new Target(7, 2, 0)],
            topics.Select(topic => topic.Target).OrderBy(target => (target.Group, target.Channel)));
    }

    [Fact]
    public async Task Fence_WhileRoomsAreHeld_LeavesNothing()
    {
        var client = await _gateway.JoinDirect2Async("7,1", "7,2");

        client.Connection.BeginClose(CloseReason.GatewayFenced);
        await client.LoseAsync();
        _gateway.TopicSubscriptions.Reset();

        Assert.Equal((0, 0), (_gateway.Index.TopicCount, _gateway.TopicSubscriptions.Count));
    }

    // Ten minutes of a client that joins and leaves at the limit of joins.
    [Fact]
    public async Task JoinAndLeave_RandomRooms_TakesNoMoreMemory()
    {
        _gateway.Subscriptions.SubscriptionLinger = TimeSpan.Zero;
        var random = new Random(1);
        var client = await _gateway.JoinDirect2Async();
        var joined = new List<string>();
        for (var i = 0; i < 6_000; i++)
        {
            var room = $"{random.NextInt64(1, 1_000_000)},{random.NextInt64(0, 3)}";
            joined.Add(room);
            _gateway.Clock.Advance(TimeSpan.FromSeconds(0.1));
            await client.SendTextAsync(joined.Count > 50 ? $"join {room}\nleave {Take(joined, random)}" : $"join {room}");
        }

        Assert.InRange(_gateway.Index.TopicCount, 50, 3 * 52);
        await Deadline.UntilAsync(
            "the ends of the lingers",
            () =>
            {
                _gateway.Clock.Advance(TimeSpan.FromSeconds(0.1));
                return _gateway.TopicSubscriptions.Count <= _gateway.Index.TopicCount;
            },
            actual: () => $"{_gateway.TopicSubscriptions.Count}");
        await client.CloseAsync();
        Assert.Equal(0, _gateway.Index.TopicCount);
    }

    private static string Take(List<string> joined, Random random)
    {
        var index = random.Next(joined.Count);
        var room = joined[index];
        joined.RemoveAt(index);
        return room;
    }

    private static string[] Messages(InMemoryClient client) => [.. client.Transport.Texts.Where(text => text.Contains('\n', StringComparison.Ordinal))];

    private int Signal(long group, long channel, long user) => _gateway.Signal(group, channel, user, $"{group},{channel},{user}");

    private GatewayResponse Ask(ClusterQueryKind kind, Target target) => _gateway.PresenceHandler.Answer(new ClusterQuery(kind, target) { Limit = 100 });

    private WatchedConnections Watch(Target target) => Ask(ClusterQueryKind.Watch, target).Watched!;

    private Task UntilSubscribedAsync(params string[] topics) => Deadline.UntilAsync(
        $"subscribed to {string.Join(' ', topics)}",
        () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
            return _gateway.Faulty.Subscribed.Order(StringComparer.Ordinal).SequenceEqual(topics);
        },
        actual: () => string.Join(' ', _gateway.Faulty.Subscribed));
}
