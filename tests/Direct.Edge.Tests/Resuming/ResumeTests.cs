using System.Diagnostics.Metrics;
using System.Globalization;
using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Lifetime;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Resuming;

/// <summary>What a client that comes back to a single node receives.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TestGateway _gateway = new()
    {
        Node = { Environment = "prod" },
        Store = new FakeSessionStore((token, _) => ValueTask.FromResult(
            token == "nobody" ? new Session(SessionStatus.Unknown) : new Session(SessionStatus.Known, long.Parse(token, CultureInfo.InvariantCulture)))),
        Limits = { JoinsPerSecondPerAddress = 0, JoinsPerSecond = 0, MessagesPerSecond = 0 },
        Keep = { Role = KeepRole.Leader },
    };

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Join_WithPositions_BringsWhatWasMissedThenAtThenJoined()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1");
        await first.LoseAsync();
        Signal(7, 1, 0, "a");
        Signal(7, 0, 0, "b");
        Signal(7, 1, 42, "c");
        Signal(0, 0, 0, "d");
        Signal(8, 1, 42, "of another room");

        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,1 #x"));
        Signal(7, 1, 0, "live");

        var texts = await second.Transport.TextsAsync(12);
        var (group, channel, room, all, user) = (Epoch("7,0,0"), Epoch("0,1,0"), Epoch("7,1,0"), Epoch("0,0,0"), Epoch("0,0,42"));
        Assert.Equal(
            [
                $"7,0,0 {group}.1\nb", $"7,1,0 {room}.1\na",
                $"at 7,0,0 {group}.1", $"at 0,1,0 {channel}.0", $"at 7,1,0 {room}.1", "joined 7,1 #x",
                $"0,0,0 {all}.1\nd", $"0,0,42 {user}.1\nc",
                $"at 0,0,0 {all}.1", $"at 0,0,42 {user}.2",
                $"7,1,0 {room}.2\nlive",
            ],
            texts[1..]);
        Assert.Equal(5, _gateway.Meters.Sum("direct.gateway.resumes", "source=own"));
    }

    [Fact]
    public async Task Join_WithPositionsOfAllItsRooms_BringsEachMessageOnce()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1\njoin 7,2\njoin 8,1\njoin 7,0");
        await first.LoseAsync();
        Assert.Equal([0, 0, 0, 0], new[] { Signal(7, 0, 0, "1"), Signal(0, 1, 0, "2"), Signal(7, 2, 0, "3"), Signal(7, 0, 42, "4") });

        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,1", "join 7,2", "join 8,1", "join 7,0"));

        Assert.Equal(["1", "2", "3", "4"], Payloads(second).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(second.Transport.Texts, text => text.StartsWith("gap", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("!~")]
    [InlineData("00000000001.0")] // another epoch
    [InlineData("{epoch}.2")] // from the future
    [InlineData("{epoch}.9223372036854775807")]
    [InlineData("{other}.0")] // of another topic
    public async Task Join_WithAPositionThatIsNotKept_BringsAGapAndNothingElse(string position)
    {
        var first = await ConnectAsync("auth 42\njoin 7,0\njoin 8,0");
        Signal(7, 0, 0, "a");
        await first.LoseAsync();
        var text = position.Replace("{epoch}", Epoch("7,0,0"), StringComparison.Ordinal).Replace("{other}", Epoch("8,0,0"), StringComparison.Ordinal);

        var second = await ConnectAsync($"auth 42\nsince 7,0,0 {text}\njoin 7,0");

        Assert.Equal([$"gap 7,0,0 {Epoch("7,0,0")}.1", $"at 7,0,0 {Epoch("7,0,0")}.1", "joined 7,0"], second.Transport.Texts[1..4]);
        Assert.Equal(1, _gateway.Meters.Sum("direct.gateway.gaps"));
    }

    [Fact]
    public async Task Join_WithAPositionWhoseMessagesAreEvicted_BringsAGap()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        SignalThousandBytes(0, 2000); // more than a topic keeps

        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,0"));

        Assert.Equal(["7,0,0"], Gaps(second));
        Assert.Empty(Payloads(second));
        Assert.Equal(1, _gateway.Meters.Sum("direct.gateway.gaps", "cause=evicted"));
    }

    // A text of visible characters is a position that is not known, and another one is an error. Neither does harm to the join.
    [Fact]
    public async Task Join_WithRandomBytesAsPosition_BringsAGapOrAnError()
    {
        var random = new Random(20261130);
        var (gaps, errors) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            var lowest = random.Next(2) == 0 ? 0x01 : 0x21;
            var position = new string([.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)random.Next(lowest, 0x7F))]).Replace('\n', '!');
            var isValid = position.Length <= 40 && position.All(static character => character is >= '!' and <= '~');

            var client = await ConnectAsync($"auth 42\nsince 7,0,0 {position}\njoin 7,0 #a");

            Assert.Equal(isValid ? ["7,0,0"] : [], Gaps(client));
            Assert.Equal(isValid ? 0 : 1, client.Transport.Texts.Count(line => line.StartsWith("error - 1008 since 0,0", StringComparison.Ordinal)));
            Assert.Contains("joined 7,0 #a", client.Transport.Texts);
            Assert.Empty(Payloads(client));
            (gaps, errors) = (gaps + (isValid ? 1 : 0), errors + (isValid ? 0 : 1));
            await client.LoseAsync();
        }

        Assert.InRange(gaps, 100, 400);
        Assert.InRange(errors, 100, 400);
    }

    [Fact]
    public async Task Join_WithAPositionOfAMegabyte_BringsAnError()
    {
        _gateway.Connections.MaxFirstMessageBytes = 1024 * 1024; // the largest setting

        var client = await ConnectAsync($"auth 42\nsince 7,0,0 {new string('p', 1_000_000)}\njoin 7,0 #a");

        Assert.Contains(client.Transport.Texts, line => line.StartsWith("error - 1008 since 0,0", StringComparison.Ordinal));
        Assert.Contains("joined 7,0 #a", client.Transport.Texts);
        Assert.Empty(Gaps(client));
        Assert.Equal(0, _gateway.Queues.Requests.Bytes);
    }

    [Fact]
    public async Task First_WithAPositionOfAMegabyte_ClosesTheConnection()
    {
        var client = await ConnectAsync($"auth 42\nsince 7,0,0 {new string('p', 1_000_000)}\njoin 7,0");

        Assert.Equal(CloseReason.MessageTooBig.Code, client.Transport.Close?.Code);
        Assert.Equal((0, 0), (_gateway.Kept.Count, _gateway.Queues.Requests.Bytes));
    }

    [Fact]
    public async Task Join_WithAPositionOfAnotherProcess_BringsAGap()
    {
        using var other = new ResumeTests();
        var first = await other.ConnectAsync("auth 42\njoin 7,0");

        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,0"));

        Assert.Equal(["0,0,0", "0,0,42", "7,0,0"], Gaps(second).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Join_WithPositionsOfTopicsThatAreNotJoined_IgnoresThem()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        var position = $"{Epoch("7,0,0")}.0";
        Signal(7, 0, 0, "a");
        await first.LoseAsync();

        var second = await ConnectAsync($"auth 42\nsince 7,0,0 {position}\nsince 9,9,0 {position}");
        await second.SendTextAsync("join 7,0");

        Assert.Empty(Payloads(second)); // a position counts for the joins of its message
        Assert.Empty(Gaps(second));
    }

    [Fact]
    public async Task First_AHundredThousandPositions_ClosesTheConnection()
    {
        _gateway.Connections.MaxFirstMessageBytes = 1 << 24;

        var client = await ConnectAsync("auth 42\n" + string.Join('\n', Enumerable.Range(1, 100_000).Select(i => $"since {i},0,0 0")));

        Assert.Equal(CloseReason.MessageRate.Code, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Anonymous_ComingBack_IsToldOfAGapInItsOwnTopic()
    {
        var first = await ConnectAsync("auth nobody\njoin 7,0");
        var user = first.Connection.UserId;
        Assert.Equal(1, Signal(0, 0, user, "to whoever it is"));
        await first.LoseAsync();
        Signal(0, 0, user, "to a stranger");
        Signal(7, 0, 0, "to the group");

        var second = await ConnectAsync(Resuming(first, "auth nobody", "join 7,0"));

        Assert.Equal(["to the group"], Payloads(second));
        Assert.Equal([$"0,0,{user}"], Gaps(second));
    }

    [Theory]
    [InlineData(119, true)]
    [InlineData(121, false)]
    public async Task Window_AfterALostConnection_IsTwoMinutes(int seconds, bool resumes)
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        Signal(7, 0, 0, "a");

        Advance(seconds);
        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,0"));

        Assert.Equal(resumes ? ["a"] : [], Payloads(second));
        Assert.Equal(resumes ? [] : ["0,0,42", "7,0,0"], Gaps(second).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(11, false)]
    public async Task Window_AfterLeave_IsTheLinger(int seconds, bool resumes)
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.SendTextAsync("leave 7,0");
        Signal(7, 0, 0, "a");

        Advance(seconds);
        await first.SendTextAsync($"since 7,0,0 {PositionOf(first, "7,0,0")}\njoin 7,0");

        Assert.Equal(resumes ? ["a"] : [], Payloads(first));
        Assert.Equal(resumes ? [] : ["7,0,0"], Gaps(first));
    }

    // One loses its connection, and then another one leaves. The first still has its two minutes.
    [Fact]
    public async Task Window_OfALostConnection_OutlivesTheLeaveOfAnother()
    {
        var (first, other) = (await ConnectAsync("auth 42\njoin 7,0"), await ConnectAsync("auth 43\njoin 7,0"));
        await first.LoseAsync();
        await other.SendTextAsync("leave 7,0");
        Signal(7, 0, 0, "a");

        Advance(60);
        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,0"));

        Assert.Equal(["a"], Payloads(second));
    }

    [Fact]
    public async Task Window_WhenItIsOver_LeavesOnlyTheTopicOfAll()
    {
        var client = await ConnectAsync("auth 42\njoin 7,1\njoin 8,2");
        Signal(7, 1, 0, "a");
        Signal(0, 0, 0, "b");
        Assert.Equal(8, _gateway.Kept.Count);
        await client.LoseAsync();

        Advance(130);

        Assert.Equal(1, _gateway.Kept.Count);
    }

    // A quiet topic keeps its head, so its clients resume although no message is left.
    [Fact]
    public async Task Head_OfATopicWhoseMessagesHaveGone_IsResumed()
    {
        _gateway.Connections.ReadTimeout = TimeSpan.FromHours(1);
        var client = await ConnectAsync("auth 42\njoin 7,0");
        Signal(7, 0, 0, "a");
        await client.Transport.TextsAsync(6);
        Advance(600);
        await client.LoseAsync();
        Advance(100);

        var second = await ConnectAsync(Resuming(client, "auth 42", "join 7,0"));

        Assert.Empty(Gaps(second));
        Assert.Empty(Payloads(second));
    }

    [Fact]
    public async Task Ping_AfterMessagesForOtherRooms_TellsWhereTheUserStands()
    {
        _gateway.Connections.ReadTimeout = TimeSpan.FromHours(1);
        var client = await ConnectAsync("auth 42\njoin 7,0");
        for (var minute = 0; minute < 5; minute++)
        {
            Signal(8, 1, 42, "for another room");
            Advance(60);
        }

        Assert.Equal($"at 0,0,42 {Epoch("0,0,42")}.5", client.Transport.Texts[^1]);
        await client.LoseAsync();
        var second = await ConnectAsync(Resuming(client, "auth 42", "join 7,0"));

        Assert.Empty(Gaps(second));
    }

    [Fact]
    public async Task Signal_RepeatedWithItsId_KeepsItsPlaceAndAnswersAsTheFirst()
    {
        var client = await ConnectAsync("auth 42\njoin 7,0");
        await client.LoseAsync();

        var first = Publish("hello", "id");
        var repeat = Publish("hello", "id");
        var reused = Publish("another", "id");
        Signal(7, 0, 0, "last");
        var second = await ConnectAsync(Resuming(client, "auth 42", "join 7,0"));

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 0, 0, IsKept: true), first);
        Assert.Equal(first, repeat);
        Assert.Equal((ReceiptStatus.IdReused, false), (reused.Status, reused.IsKept));
        Assert.Equal(["hello", "last"], Payloads(second));
        Assert.Equal(2, _gateway.Kept.Find(Topic.Group(7))!.Head.Offset);
    }

    [Fact]
    public async Task Signal_WithoutAClientOfDirect2_IsNotKept()
    {
        var original = await OriginalAsync();

        Assert.False(Publish("a", null).IsKept);
        Assert.Equal(0, _gateway.Kept.Count);
        await ConnectAsync("auth 43\njoin 8,0");
        Assert.False(Publish("b", null).IsKept);

        Assert.Equal(["a", "b"], await original.Transport.TextsAsync(2));
    }

    // The queue of a client that does not read holds half of its size and one page. Live messages wait in the ring.
    [Fact]
    public async Task Replay_ToAClientThatDoesNotRead_HoldsLittleAndContinuesLater()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        SignalThousandBytes(0, 900);
        var transport = new FakeTransport { Room = 100 };

        var joining = SendAsync(transport, Resuming(first, "auth 42", "join 7,0"));
        await ReplayWaitsAsync();
        Signal(7, 0, 0, "900:live");

        Assert.False(joining.IsCompleted);
        Assert.InRange(_gateway.Queues.Connections.Bytes, 1, _gateway.Connections.QueueBytes);
        while (!joining.IsCompleted)
        {
            transport.Open(10_000);
            await Task.Yield();
        }

        transport.Open();
        Signal(7, 0, 0, "901:live");
        await Deadline.UntilAsync("the last", () => transport.Texts[^1].EndsWith("901:live", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 902), Payloads(transport).Select(Number));
        Assert.DoesNotContain(transport.Texts, line => line.StartsWith("gap", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replay_WhenTheRingEvictsUnderIt_EndsWithAGap()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        SignalThousandBytes(0, 900);
        var transport = new FakeTransport { Room = 100 };
        var joining = SendAsync(transport, Resuming(first, "auth 42", "join 7,0"));
        await ReplayWaitsAsync();

        SignalThousandBytes(900, 1100);
        transport.Open();
        await joining;

        var texts = transport.Texts;
        var numbers = Payloads(transport).Select(Number).ToArray();
        Assert.Equal(Enumerable.Range(0, numbers.Length), numbers);
        Assert.InRange(numbers.Length, 50, 300);
        Assert.Equal([$"gap 7,0,0 {Epoch("7,0,0")}.2000", $"at 7,0,0 {Epoch("7,0,0")}.2000", "joined 7,0"], texts[(1 + numbers.Length)..][..3]);
    }

    [Fact]
    public async Task Replay_OfAConnectionThatCloses_LeavesNothing()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1\njoin 7,2");
        await first.LoseAsync();
        SignalThousandBytes(0, 900);

        // Somebody comes back again and again with an old position, and reads nothing.
        for (var i = 0; i < 100; i++)
        {
            var transport = new FakeTransport { Room = 100 };
            var connection = _gateway.ConnectDirect2(transport);
            var joining = connection.SendTextAsync(Resuming(first, "auth 42", "join 7,1", "join 7,2"));
            await ReplayWaitsAsync();
            Assert.InRange(_gateway.Queues.Connections.Bytes, 1, _gateway.Connections.QueueBytes);
            await connection.LoseAsync();
            await joining;
            Assert.Equal((0, 0), (_gateway.Queues.Connections.Bytes, _gateway.Index.TopicCount));
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Advance(130);
        Assert.Equal(1, _gateway.Kept.Count); // that of all connections
    }

    // 20. The replays end with their connections.
    [Fact]
    public async Task Fence_DuringReplays_EndsThemAndLeavesNothing()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1\njoin 7,2");
        await first.LoseAsync();
        SignalThousandBytes(0, 900);
        var connection = _gateway.ConnectDirect2(new FakeTransport { Room = 100 });
        var joining = connection.SendTextAsync(Resuming(first, "auth 42", "join 7,1", "join 7,2"));
        await ReplayWaitsAsync();

        var closing = new NodeFence(_gateway.Gate, _gateway.Registry, _gateway.TopicSubscriptions, _gateway.Rights).CloseAllAsync();
        Advance(6); // the client does not read its close frame either
        await connection.LoseAsync();
        await Deadline.RunAsync("the replay ends", token => new ValueTask(joining.WaitAsync(token)));
        await Deadline.RunAsync("the fence", token => new ValueTask(closing.WaitAsync(token)));

        Assert.Equal(CloseReason.GatewayFenced, connection.Connection.CloseReason);
        Assert.Equal((0L, 0, 0), (_gateway.Queues.Connections.Bytes, _gateway.Index.TopicCount, _gateway.Registry.Count));
    }

    // Nothing waits in the queue of a socket that is gone, so a replay would encode everything that is kept, for nobody.
    [Fact]
    public async Task Replay_ToASocketThatIsGone_Ends()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        SignalThousandBytes(0, 900);
        var transport = new FakeTransport { Room = 100 };
        var connection = _gateway.ConnectDirect2(transport);
        var joining = connection.SendTextAsync(Resuming(first, "auth 42", "join 7,0"));
        await ReplayWaitsAsync();
        var sends = transport.Sends;

        transport.Reset();
        await joining;

        Assert.Equal(CloseReason.ConnectionLost, connection.Connection.CloseReason);
        Assert.InRange(transport.Sends - sends, 1, 10);
        await connection.LoseAsync();
        Assert.Equal((0, 0), (_gateway.Queues.Connections.Bytes, _gateway.Index.TopicCount));
    }

    /// <summary>
    /// Tests a join that is refused for a temporary reason. The client joins again after its user's topic has moved on, so messages to the user in that
    /// room are missing, and without a gap nobody would know.
    /// </summary>
    [Fact]
    public async Task First_WithAJoinThatMaySucceedLater_BringsAGapToTheUser()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1\njoin 8,1");
        await first.LoseAsync();
        Signal(7, 1, 42, "a");
        Signal(8, 1, 42, "b");
        var second = _gateway.ConnectDirect2();
        _gateway.Queues.Topics.Add(_gateway.Queues.Bytes);

        await second.SendTextAsync(Resuming(first, "auth 42", "join 7,1", "join 8,1"));

        Assert.Contains(second.Transport.Texts, line => line.StartsWith($"error - {CommandError.NodeFull.Code} join 8,1", StringComparison.Ordinal));
        Assert.Contains("0,0,42", Gaps(second));
        Assert.Equal(1, _gateway.Meters.Sum("direct.gateway.gaps", "cause=refused"));
        Assert.Empty(Payloads(second));
    }

    // A join that will not succeed leaves no room whose messages could be missing.
    [Fact]
    public async Task First_WithAJoinThatWillNotSucceed_BringsNoGap()
    {
        var first = await ConnectAsync("auth 42\njoin 7,1");
        await first.LoseAsync();
        Signal(7, 1, 42, "a");

        var second = await ConnectAsync(Resuming(first, "auth 42", "join 7,1", "join 0,0"));

        Assert.Equal(["a"], Payloads(second));
        Assert.Empty(Gaps(second));
    }

    // The time in which a client reads what it has missed is not time that it waits for the cluster.
    [Fact]
    public async Task Replay_LongerThanJoinsMayTake_RefusesNone()
    {
        var rooms = Enumerable.Range(1, 20).Select(i => $"join {i},0").ToArray();
        var first = await ConnectAsync(string.Join('\n', rooms.Prepend("auth 42")));
        await first.LoseAsync();
        SignalThousandBytes(0, 900, group: 1);
        var transport = new FakeTransport { Room = 100 };
        var joining = SendAsync(transport, Resuming(first, "auth 42", rooms));
        await ReplayWaitsAsync();

        Advance(30);
        transport.Open();
        await joining;

        Assert.DoesNotContain(transport.Texts, line => line.StartsWith("error", StringComparison.Ordinal));
        Assert.Equal(20, transport.Texts.Count(line => line.StartsWith("joined", StringComparison.Ordinal)));
    }

    // An error of ours ends one connection, and neither the topic nor the replays that come after it.
    [Fact]
    public async Task Replay_ThatFails_ReleasesItsLocksAndTopics()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "direct.gateway.gaps" && instrument.Meter.Scope == _gateway.Meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new TimeZoneNotFoundException());
        listener.Start();
        var other = await ConnectAsync("auth 43\njoin 7,0");
        var failing = _gateway.ConnectDirect2();

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => failing.SendTextAsync("auth 42\nsince 7,0,0 0\njoin 7,0"));

        await Task.Factory.StartNew(() => Signal(7, 0, 0, "a"), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await Deadline.UntilAsync("the message", () => Payloads(other) is ["a"]);
        Assert.StartsWith("welcome", failing.Transport.Texts[0], StringComparison.Ordinal);
        await failing.LoseAsync();
        await other.LoseAsync();
        Advance(130);
        Assert.Equal((1, 0), (_gateway.Kept.Count, _gateway.Index.TopicCount));
    }

    // While a slow client is brought up to date, another one joins and leaves the room all the time, with its positions.
    [Fact]
    public async Task JoinsAndLeaves_DuringAReplay_LoseNothingAndLeaveNothing()
    {
        var first = await ConnectAsync("auth 42\njoin 7,0");
        await first.LoseAsync();
        SignalThousandBytes(0, 500);
        var transport = new FakeTransport { Room = 100 };
        var joining = SendAsync(transport, Resuming(first, "auth 42", "join 7,0"));
        var other = await ConnectAsync("auth 43\njoin 7,0");
        for (var i = 500; i < 1500; i++)
        {
            await other.SendTextAsync("leave 7,0");
            Signal(7, 0, 0, $"{i}:");
            await other.SendTextAsync($"since 7,0,0 {PositionOf(other, "7,0,0")}\njoin 7,0");
        }

        transport.Open();
        await joining;

        Assert.Equal(Enumerable.Range(500, 1000), Payloads(other).Select(Number));
        Assert.Equal(Enumerable.Range(0, 1500), Payloads(transport).Select(Number));
        await other.LoseAsync();
        Advance(61); // the slow one closes, because it sends nothing
        Advance(130);
        Assert.Equal((1, 0), (_gateway.Kept.Count, _gateway.Index.TopicCount));
    }

    /// <summary>
    /// Tests joins that race with messages. A publisher that has found the topic unkept, or retired, or a join between two pages, would lose or repeat
    /// one of them.
    /// </summary>
    [Fact]
    public async Task Reconnects_WhileThreadsPublish_BringEachMessageOnce()
    {
        const int Threads = 3, Messages = 3000;
        var client = await ConnectAsync("auth 42\njoin 7,1");
        var received = new List<string>();
        var publishing = Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Messages; i++)
            {
                Signal(7, i % 2, i % 3 == 0 ? 42 : 0, $"{thread}:{i}");
            }
        })));

        do
        {
            var last = publishing.IsCompleted;
            await Task.Yield();
            await client.LoseAsync(); // afterwards nothing more is sent
            received.AddRange(Payloads(client));
            client = await ConnectAsync(Resuming(client, "auth 42", "join 7,1"));
            Assert.Empty(Gaps(client));
            if (last)
            {
                break;
            }
        }
        while (true);

        received.AddRange(Payloads(client));
        var expected = Enumerable.Range(0, Threads).SelectMany(thread => Enumerable.Range(0, Messages).Select(i => $"{thread}:{i}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
    }

    private static int Number(string payload) => int.Parse(payload.Split(':')[0], CultureInfo.InvariantCulture);

    private static string[] Payloads(FakeTransport transport) =>
        [.. transport.Texts.Where(text => text.Contains('\n', StringComparison.Ordinal)).Select(text => text.Split('\n')[1])];

    private static string[] Payloads(InMemoryClient client) => Payloads(client.Transport);

    private static string[] Gaps(InMemoryClient client) =>
        [.. client.Transport.Texts.Where(text => text.StartsWith("gap ", StringComparison.Ordinal)).Select(text => text.Split(' ')[1])];

    // The last position that the client was told of a topic, by a message or by 'at'.
    private static string PositionOf(InMemoryClient client, string part) =>
        client.Transport.Texts.Select(text => text.Split('\n')[0].Split(' ')).Last(words => words[^2] == part)[^1];

    // A first message that names all positions that the client was told.
    private static string Resuming(InMemoryClient client, string auth, params string[] joins)
    {
        var parts = client.Transport.Texts.Select(text => text.Split('\n')[0].Split(' '))
            .Where(words => words is ["at", _, _])
            .Select(words => words[1])
            .Distinct();
        return string.Join('\n', [auth, .. parts.Select(part => $"since {part} {PositionOf(client, part)}"), .. joins]);
    }

    private string Epoch(string part)
    {
        Assert.True(Target.TryParse(part, out var target));
        Span<byte> text = stackalloc byte[Position.MaxBytes];
        var length = Position.Write(text, _gateway.Kept.Find(Topic.For(target))!.Head);
        return System.Text.Encoding.ASCII.GetString(text[..length]).Split('.')[0];
    }

    // 900 of them are more than the queue of a connection holds.
    private void SignalThousandBytes(int first, int count, long group = 7)
    {
        var text = new string('x', 1000);
        Enumerable.Range(first, count).ToList().ForEach(i => Signal(group, 0, 0, $"{i}:{text}"));
    }

    private Task ReplayWaitsAsync() =>
        Deadline.UntilAsync("the replay waits", () => _gateway.Queues.Connections.Bytes >= _gateway.Connections.QueueBytes / 2);

    private Task<InMemoryClient> ConnectAsync(string first) => ConnectAsync(first, new FakeTransport());

    private async Task<InMemoryClient> ConnectAsync(string first, FakeTransport transport)
    {
        var client = _gateway.ConnectDirect2(transport);
        await client.SendTextAsync(first);
        return client;
    }

    private async Task<InMemoryClient> OriginalAsync()
    {
        var client = _gateway.Connect();
        await client.EnterAsync("42");
        await client.JoinAsync(7, 1);
        return client;
    }

    private Task SendAsync(FakeTransport transport, string first) => _gateway.ConnectDirect2(transport).SendTextAsync(first);

    private int Signal(long group, long channel, long user, string text) => _gateway.Signal(group, channel, user, text);

    private Receipt Publish(string text, string? id) =>
        _gateway.Backplane.Publish(new Signal(Topic.Group(7), new Target(7, 0, 0), System.Text.Encoding.UTF8.GetBytes(text), id)).Receipt;

    private void Advance(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
