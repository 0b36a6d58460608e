using System.Globalization;
using Direct.Edge.Backplane;
using Direct.Edge.Lifetime;
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

    // When the client has been told that a room is joined, it counts as a member already.
    [Fact]
    public async Task Join_WhenItIsAnswered_IsInForce()
    {
        var client = await _gateway.JoinDirect2Async();
        int[] members = [];
        client.Transport.OnSent = () =>
        {
            if (members.Length == 0)
            {
                members = [_gateway.Index.Publish(Topic.Room(7, 1), new Target(7, 1, 0), "x"u8)];
            }
        };

        await client.SendTextAsync("join 7,1");

        Assert.Equal([1], members);
        Assert.Equal(["at 7,0,0 0", "at 0,1,0 0", "at 7,1,0 0", "joined 7,1"], client.Transport.Texts[3..7]);
    }

    // The signals of another thread fall into every moment of a join. None may come before the answer, and none that counts may be missing.
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

            // After 'welcome' and the two topics of the user.
            Assert.Equal(["at 7,0,0 0", "at 0,1,0 0", "at 7,1,0 0", "joined 7,1"], client.Transport.Texts[3..7]);
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

    // Its joins may take long. Backends must be able to see and close it from the start.
    [Fact]
    public async Task Query_WhileTheFirstJoinsAreUndecided_FindsTheConnection()
    {
        var client = _gateway.ConnectDirect2();
        _gateway.Faulty.IsHeld = true;
        var sending = client.SendTextAsync("auth token\njoin 7,0\njoin 8,0");
        (await _gateway.Faulty.NextCallAsync("the user")).Succeed();
        var calls = new[] { await _gateway.Faulty.NextCallAsync("the first room"), await _gateway.Faulty.NextCallAsync("the second room") };

        Assert.Equal((1, 0), (Ask(ClusterQueryKind.Count, default).Connections, _gateway.Admission.Unauthenticated));
        Assert.Equal([new UserRowKey(1, 0, 0)], Ask(ClusterQueryKind.Rows, new Target(0, 0, 1)).Rows.Select(row => row.Key));
        Assert.Equal((0, 0), (Signal(0, 0, 1), Signal(0, 0, 0))); // nothing before the first 'at'
        calls.Single(call => call.ToString() == "+group/8").Succeed();
        await Deadline.UntilAsync("the second room", () => client.Transport.Texts[^1] == "joined 8,0");
        Assert.Equal([new UserRowKey(1, 8, 0)], Ask(ClusterQueryKind.Rows, default).Rows.Select(row => row.Key));
        var reply = _gateway.PresenceHandler.Answer(new ClusterQuery(ClusterQueryKind.Close, new Target(0, 0, 1)) { CloseCode = 4100, CloseText = "bye" });

        Assert.Equal((1, 4100), (reply.Connections, client.Transport.Close?.Code));
        calls.Single(call => call.ToString() == "+group/7").Succeed();
        await sending;
        await client.LoseAsync();
        Assert.Equal((0, 0), (_gateway.Index.TopicCount, _gateway.Registry.Count));
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

    // The subscriptions of the new lease are those of the connections that came after the fence: held while these are there, and not longer.
    [Fact]
    public async Task Fence_WhileRoomsAreHeld_LeavesNothing()
    {
        _gateway.Subscriptions.SubscriptionLinger = TimeSpan.Zero;
        var client = await _gateway.JoinDirect2Async("7,1", "7,2");
        var closing = new NodeFence(_gateway.Gate, _gateway.Registry, _gateway.TopicSubscriptions, _gateway.Rights).CloseAllAsync();
        Assert.Equal((4008, 0), (client.Transport.Close?.Code, _gateway.Index.TopicCount));
        await client.LoseAsync();
        await Deadline.RunAsync("the fence", token => new ValueTask(closing.WaitAsync(token)));
        Assert.Equal((0, 0), (_gateway.Registry.Count, _gateway.TopicSubscriptions.Count));
        _gateway.Gate.Open();

        var later = await _gateway.JoinDirect2Async("7,1", "8,0");

        await UntilSubscribedAsync("channel/1", "channel/2", "group/7", "group/8", "room/7/1", "room/7/2", "user/1", "user/2"); // the cluster has forgotten those of 7,2 and user 1
        _gateway.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(5, _gateway.TopicSubscriptions.Count);
        await later.CloseAsync();
        await Deadline.UntilAsync(
            "the ends of the lingers",
            () =>
            {
                _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
                return _gateway.TopicSubscriptions.Count == 0;
            },
            actual: () => string.Join(' ', _gateway.Faulty.History));
        Assert.Equal(
            ["-channel/1", "-group/7", "-group/8", "-room/7/1", "-user/2"],
            _gateway.Faulty.History.Where(call => call[0] == '-').Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Tests a connection that is older than the lease in which it authenticates. Regression test: it released its topics in the name of the earlier
    /// lease, which did nothing, so they stayed subscribed.
    /// </summary>
    [Fact]
    public async Task Reset_BetweenTheHandshakeAndTheToken_ReleasesWhatIsHeldAfterIt()
    {
        _gateway.Subscriptions.SubscriptionLinger = TimeSpan.Zero;
        var client = _gateway.ConnectDirect2();
        _gateway.TopicSubscriptions.Reset();
        await client.SendTextAsync("auth token\njoin 7,1");

        await client.CloseAsync();

        await UntilSubscribedAsync();
    }

    /// <summary>
    /// Tests a room that is left and joined again while its topic still has messages to send, because another member is slow. Regression test: they
    /// came after the answer to the second join.
    /// </summary>
    [Fact]
    public async Task Join_AgainWhileTheTopicSendsEarlierMessages_IsAnsweredAfterThem()
    {
        using var gate = new Gate();
        _gateway.Index.Join(Topic.Room(7, 1), new RecordingRecipient { SpeaksDirect2 = true, OnSend = gate.Pass });
        var client = await _gateway.JoinDirect2Async("7,1");
        Signal(7, 1, 0);
        await gate.ReachedAsync("the slow member");

        await client.SendTextAsync("leave 7,1 #b");
        var joining = client.SendTextAsync("join 7,1 #c");
        Assert.Equal("left 7,1 #b", client.Transport.Texts[^1]);
        gate.Open();
        await joining;

        await Deadline.UntilAsync("the message", () => Messages(client).Length == 1);
        Assert.Equal(
            ["left 7,1 #b", "7,1,0 0\n7,1,0", "at 7,0,0 0", "at 0,1,0 0", "at 7,1,0 0", "joined 7,1 #c"],
            client.Transport.Texts[^6..]);
    }

    // Another thread numbers its messages. What comes after the answer to a join was published after the room had been left before.
    [Fact]
    public async Task LeaveAndJoin_WhileMessagesCome_NeverBringsAnEarlierOneAfterTheAnswer()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        using var stop = new CancellationTokenSource();
        var published = 0;
        var signalling = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var number = published + 1;
                _gateway.Signal(7, 1, 0, $"{number}");
                Volatile.Write(ref published, number);
            }
        }, TestContext.Current.CancellationToken);

        var leftAt = new List<int>();
        for (var round = 0; round < 200; round++)
        {
            await client.SendTextAsync("leave 7,1");
            leftAt.Add(Volatile.Read(ref published));
            await client.SendTextAsync($"join 7,1 #{round}");
        }

        await stop.CancelAsync();
        await signalling;
        var joined = -1;
        foreach (var text in client.Transport.Texts)
        {
            if (text.StartsWith("joined 7,1 #", StringComparison.Ordinal))
            {
                Assert.Equal($"joined 7,1 #{++joined}", text);
            }
            else if (joined >= 0 && text.StartsWith("7,1,0 0\n", StringComparison.Ordinal))
            {
                Assert.True(int.Parse(text["7,1,0 0\n".Length..], CultureInfo.InvariantCulture) > leftAt[joined], $"{text} after the answer to join {joined}, left at {leftAt[joined]}");
            }
        }

        Assert.Equal(leftAt.Count - 1, joined);
    }

    // Ten minutes of a client that joins and leaves at the limit of joins. What is held is exactly what its rooms need.
    [Fact]
    public async Task JoinAndLeave_RandomRooms_HoldsTheTopicsOfThoseThatAreJoined()
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

        var rooms = joined.Select(room => room.Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        string[] topics =
        [
            .. rooms.Select(room => $"group/{room[0]}"),
            .. rooms.Where(room => room[1] != 0).SelectMany(room => new[] { $"channel/{room[1]}", $"room/{room[0]}/{room[1]}" }),
            "user/1",
        ];
        string[] expected = [.. topics.Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(expected.Length, _gateway.Index.TopicCount);
        Assert.Equal(
            joined.Order(StringComparer.Ordinal),
            client.Connection.RoomsIn(default).Select(room => $"{room.Group},{room.Channel}").Order(StringComparer.Ordinal));
        await UntilSubscribedAsync(expected);
        Assert.Equal(expected.Length, _gateway.TopicSubscriptions.Count);

        await client.CloseAsync();
        await UntilSubscribedAsync();
        Assert.Equal((0, 0), (_gateway.Index.TopicCount, _gateway.TopicSubscriptions.Count));
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
