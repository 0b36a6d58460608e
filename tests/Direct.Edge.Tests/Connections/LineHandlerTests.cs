using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Connections;

/// <summary>What a client that speaks <c>direct.2</c> is answered. Users are 1, 2, 3 … in the order in which they come.</summary>
public sealed class LineHandlerTests : IDisposable
{
    private readonly TestGateway _gateway = new() { IsClustered = true };

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Auth_Alone_IsWelcomedAndEntersTheTopicsOfTheUser()
    {
        var client = _gateway.ConnectDirect2();

        await client.SendTextAsync("auth token");

        Assert.Equal([$"welcome 1 {client.Connection.Id} 30", "at 0,0,0 0", "at 0,0,1 0"], client.Transport.Texts);
        Assert.Equal((1, 1, 0), (_gateway.Signal(0, 0, 1, "x"), _gateway.Signal(0, 0, 0, "y"), _gateway.Admission.Unauthenticated));
        Assert.Equal(["0,0,1 0\nx", "0,0,0 0\ny"], (await client.Transport.TextsAsync(5))[3..]);
    }

    [Fact]
    public async Task Join_AfterSince_IsToldOfTheGapBeforeWhereTheTopicStands()
    {
        using var gateway = new TestGateway(); // joins complete at once, so in their order
        var client = gateway.ConnectDirect2();

        await client.SendTextAsync("auth token\nsince 7,1,0 e-5\nsince 0,0,1 e-6\nsince 0,0,0 e-7\njoin 7,1 #a\njoin 7,2");

        Assert.Equal(
            [
                "at 7,0,0 0", "at 0,1,0 0", "gap 7,1,0 0", "at 7,1,0 0", "joined 7,1 #a", "at 0,2,0 0", "at 7,2,0 0", "joined 7,2",
                "gap 0,0,0 0", "at 0,0,0 0", "gap 0,0,1 0", "at 0,0,1 0",
            ],
            client.Transport.Texts[1..]);
    }

    [Theory]
    [InlineData("7,1")]
    [InlineData("join 7,1")]
    [InlineData("")]
    [InlineData("authtoken")]
    [InlineData("Auth token")]
    public async Task FirstMessage_WithoutAuth_Closes1008(string text)
    {
        var client = _gateway.ConnectDirect2();

        await client.SendTextAsync(text);

        Assert.Equal((1008, "expected 'auth <token>' in the first line"), (client.Transport.Close?.Code, client.Transport.Close?.Reason));
    }

    [Theory]
    [InlineData("join 0,0 #a", "error #a 4503 join 0,0 0,0 is not a room")]
    [InlineData("join 7", "error - 1008 join 0,0 the line is not a command")]
    [InlineData("join 7 #a", "error #a 1008 join 0,0 the line is not a command")]
    [InlineData("hello", "error - 1008 - 0,0 the line is not a command")]
    [InlineData("\n", "error - 1008 - 0,0 the line is not a command")]
    [InlineData("leave 9,9 #a", "error #a 4504 leave 9,9 the room is not joined")]
    [InlineData("say 9,9 #a\nhi", "error #a 4504 say 9,9 the room is not joined")]
    [InlineData("say 7,0 #a\nhi", "error #a 4504 say 7,0 the room is not joined")]
    [InlineData("since 7,1,5 x", "error - 1008 since 0,0 the line is not a command")]
    [InlineData("since 7,1,0 ", "error - 1008 since 0,0 the line is not a command")]
    [InlineData("since 7,1,0 a b", "error - 1008 since 0,0 the line is not a command")]
    public async Task Command_ThatIsRefused_IsAnsweredAndTheConnectionStays(string text, string error)
    {
        var client = await _gateway.JoinDirect2Async("7,1");

        await client.SendTextAsync(text);

        Assert.Equal(error, client.Transport.Texts[^1]);
        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Command_AfterOneThatIsRefused_RunsNevertheless()
    {
        var client = await _gateway.JoinDirect2Async();

        await client.SendTextAsync("nonsense\njoin 7,1 #b");

        Assert.Equal("joined 7,1 #b", client.Transport.Texts[^1]);
    }

    [Fact]
    public async Task BinaryMessage_IsAnErrorAndTheConnectionStays()
    {
        var client = await _gateway.JoinDirect2Async();

        await client.SendAsync(ClientFrame.Binary("join 7,1"u8.ToArray()));

        Assert.Equal("error - 1003 - 0,0 commands come in text frames", client.Transport.Texts[^1]);
    }

    [Fact]
    public async Task Join_MoreRoomsThanTheLimit_IsRefusedUntilOneIsLeft()
    {
        _gateway.Connections.MaxRooms = 2;
        var client = await _gateway.JoinDirect2Async("7,1", "7,2", "7,3 #c");
        Assert.Contains("error #c 4505 join 7,3 too many rooms for one connection", client.Transport.Texts);
        await client.SendTextAsync("join 7,2 #again");
        Assert.Equal("joined 7,2 #again", client.Transport.Texts[^1]);

        await client.SendTextAsync("leave 7,1\njoin 7,3 #d");

        Assert.Equal(["left 7,1", "at 0,3,0 0", "at 7,3,0 0", "joined 7,3 #d"], client.Transport.Texts[^4..]);
    }

    [Fact]
    public async Task Join_The101stRoom_IsRefused()
    {
        var client = await _gateway.JoinDirect2Async([.. Enumerable.Range(1, 100).Select(static channel => $"7,{channel}")]);

        await client.SendTextAsync("join 7,101 #a");

        Assert.Equal("error #a 4505 join 7,101 too many rooms for one connection", client.Transport.Texts[^1]);
        Assert.Equal(100, client.Connection.RoomsIn(default).Length);
    }

    /// <summary>The first message may be long because of its joins. A text of that length could overflow the queue of every member.</summary>
    [Theory]
    [InlineData(4096, null)]
    [InlineData(4097, "message_too_big")]
    public async Task Say_InTheFirstMessage_IsNoLongerThanInALaterOne(int bytes, string? closed)
    {
        var client = _gateway.ConnectDirect2();

        await client.SendTextAsync($"auth token\njoin 7,1\nsay 7,1\n{new string('x', bytes)}");

        Assert.Equal(closed, client.Connection.CloseReason?.Label);
    }

    // A join of a room that is joined or being joined takes no place.
    [Fact]
    public async Task Join_TheSameRoomAtTheLimit_IsNotRefused()
    {
        _gateway.Connections.MaxRooms = 1;
        var client = await _gateway.JoinDirect2Async();
        _gateway.Faulty.IsHeld = true;

        var sending = client.SendTextAsync("join 7,0 #a\njoin 7,0 #b\njoin 8,0 #c");
        (await _gateway.Faulty.NextCallAsync("the join")).Succeed();
        await sending;
        await client.SendTextAsync("join 7,0 #d");

        Assert.Equal(
            ["error #c 4505 join 8,0 too many rooms for one connection", "joined 7,0 #a", "joined 7,0 #b", "joined 7,0 #d"],
            client.Transport.Texts[^5..].Where(text => text != "at 7,0,0 0").Order(StringComparer.Ordinal));
    }

    /// <summary>A queue that is held is not that of a slow reader.</summary>
    [Fact]
    public async Task FirstMessage_WhileQueuesExceedTheirBudget_DoesNotCloseTheConnection()
    {
        var client = _gateway.ConnectDirect2();
        _gateway.Queues.Topics.Add(2 * _gateway.Queues.Bytes);

        await client.SendTextAsync("auth token");

        Assert.Null(client.Connection.CloseReason);
        Assert.Equal("at 0,0,1 0", client.Transport.Texts[^1]);
    }

    [Fact]
    public async Task Join_WhileMemoryIsShort_IsRefusedAndTheConnectionStays()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        _gateway.Queues.Topics.Add(_gateway.Queues.Bytes);

        await client.SendTextAsync("join 8,1 #a\njoin 7,1 #b\nleave 7,1 #c");

        Assert.Equal(
            ["error #a 4010 join 8,1 no memory for more rooms on this node now, join again later", "joined 7,1 #b", "left 7,1 #c"],
            client.Transport.Texts[^3..]);
        _gateway.Queues.Topics.Add(-_gateway.Queues.Bytes);
        await client.SendTextAsync("join 8,1 #d");
        Assert.Equal("joined 8,1 #d", client.Transport.Texts[^1]);
    }

    /// <summary>Tests input of a client that has given no token, which anyone can send.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FirstMessage_ThatHasNotArrived_CountsForTheMemory(bool isFragmented)
    {
        var client = _gateway.ConnectDirect2();
        var text = "auth token\n" + new string('x', 30_000);
        var bytes = isFragmented ? InMemoryClient.Bytes(ClientFrame.Text(text) with { Fin = false }) : InMemoryClient.Bytes(ClientFrame.Text(text + text))[..30_000];

        await client.SendAsync(bytes);

        Assert.InRange(_gateway.Queues.Requests.Bytes, 30_000, 31_000);
        await client.LoseAsync();
        Assert.Equal(0, _gateway.Queues.Requests.Bytes);
    }

    [Fact]
    public async Task FirstMessage_UntilItIsHandled_CountsForTheMemory()
    {
        var client = _gateway.ConnectDirect2();
        _gateway.Faulty.IsHeld = true;
        var text = $"auth token\n{new string('x', 30_000)}";

        var sending = client.SendTextAsync(text);
        var call = await _gateway.Faulty.NextCallAsync("the user");

        Assert.Equal(text.Length, _gateway.Queues.Requests.Bytes);
        call.Succeed();
        await sending;
        Assert.Equal(0, _gateway.Queues.Requests.Bytes);
    }

    [Fact]
    public async Task FirstMessage_WhileMemoryIsShort_ClosesWhatHasNoTokenOnly()
    {
        var (client, other) = (await _gateway.JoinDirect2Async("7,1"), _gateway.ConnectDirect2());
        _gateway.Queues.Topics.Add(_gateway.Queues.Bytes);
        var part = InMemoryClient.Bytes(ClientFrame.Text("auth token"))[..4];

        await client.SendAsync(part);
        await other.SendAsync(part);

        Assert.Equal((null, CloseReason.NodeFull), (client.Connection.CloseReason, other.Connection.CloseReason));
    }

    // All clients behind an address come back at once. They wait for their turn, and none is closed.
    [Fact]
    public async Task Join_MoreThanTheAddressMay_WaitsForItsTurn()
    {
        (_gateway.Limits.JoinsPerSecondPerAddress, _gateway.Limits.JoinBurstPerAddress) = (20, 20);
        var rooms = Enumerable.Range(1, 20).Select(group => $"{group},0").ToArray();

        var joining = Enumerable.Range(0, 4).Select(_ => _gateway.JoinDirect2Async(rooms)).ToArray();
        await AdvanceUntilAsync(Task.WhenAll(joining));

        foreach (var client in await Task.WhenAll(joining))
        {
            Assert.Equal((null, 20), (client.Connection.CloseReason, client.Transport.Texts.Count(text => text.StartsWith("joined", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task Join_ForWhichTheAddressHasNoTurn_IsRefusedAndTheOthersStay()
    {
        (_gateway.Limits.JoinsPerSecondPerAddress, _gateway.Limits.JoinBurstPerAddress) = (1, 1);

        var joining = _gateway.JoinDirect2Async(Enumerable.Range(1, 18).Select(group => $"{group},0"));
        await AdvanceUntilAsync(joining);

        var client = await joining;
        var texts = client.Transport.Texts;
        Assert.InRange(texts.Count(text => text.StartsWith("joined", StringComparison.Ordinal)), 9, 12);
        Assert.Equal(18, texts.Count(text => text.StartsWith("joined", StringComparison.Ordinal)
            || (text.StartsWith("error - 4011 join ", StringComparison.Ordinal) && text.EndsWith(CommandError.AddressLimit.Text, StringComparison.Ordinal))
            || text.StartsWith("error - 4006 join ", StringComparison.Ordinal)));
        Assert.Equal((null, "at 0,0,1 0"), (client.Connection.CloseReason, texts[^1]));
    }

    // All connections share the calls to the cluster that may be under way.
    [Fact]
    public async Task Join_ManyRooms_HasAFewInProgressAndDoesNotDelayOthers()
    {
        var (client, other) = (await _gateway.JoinDirect2Async(), await _gateway.JoinDirect2Async());
        _gateway.Faulty.IsHeld = true;

        var sending = client.SendTextAsync(string.Join('\n', Enumerable.Range(1, 100).Select(group => $"join {group},0")));
        Assert.Equal(2 + LineHandler.MaxJoinsInProgress, _gateway.TopicSubscriptions.Count);
        var joining = other.SendTextAsync("join 200,0");
        var calls = new List<BackplaneCall>();
        while (calls.Count <= LineHandler.MaxJoinsInProgress)
        {
            calls.Add(await _gateway.Faulty.NextCallAsync("a join"));
        }

        calls.Single(call => call.ToString() == "+group/200").Succeed();
        await joining;
        Assert.Equal("joined 200,0", other.Transport.Texts[^1]);
        _gateway.Faulty.IsHeld = false;
        calls.Where(call => call.ToString() != "+group/200").ToList().ForEach(call => call.Succeed());
        await sending;
        Assert.Equal(100, client.Transport.Texts.Count(text => text.StartsWith("joined", StringComparison.Ordinal)));
    }

    // While the cluster confirms nothing, a message with many joins ends after the time of two.
    [Fact]
    public async Task Join_ManyRoomsThatTheClusterDoesNotConfirm_AreRefusedTogether()
    {
        var client = await _gateway.JoinDirect2Async();
        _gateway.Faulty.IsHeld = true;
        var startedAt = _gateway.Clock.GetTimestamp();

        var sending = client.SendTextAsync(string.Join('\n', Enumerable.Range(1, 100).Select(group => $"join {group},0")));
        await AdvanceUntilAsync(sending);

        Assert.InRange(_gateway.Clock.GetElapsedTime(startedAt), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(21));
        Assert.Equal(100, client.Transport.Texts.Count(text => text.StartsWith("error - 4006 join", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Since_MoreThanTheLimit_IsRefused()
    {
        _gateway.Connections.MaxRooms = 1;
        var client = await _gateway.JoinDirect2Async();

        await client.SendTextAsync(string.Join('\n', Enumerable.Range(1, 6).Select(group => $"since {group},0,0 x")));

        Assert.Equal("error - 4506 since 0,0 too many 'since' without a 'join' that needs them", client.Transport.Texts[^1]);
        Assert.Single(client.Transport.Texts, text => text.StartsWith("error", StringComparison.Ordinal));
    }

    // A position that no join of its message has needed is of no use to a later one.
    [Fact]
    public async Task Since_ThatNoJoinOfItsMessageNeeds_IsForgotten()
    {
        var client = await _gateway.JoinDirect2Async("7,1");

        await client.SendTextAsync("since 7,1,0 x\nsince 8,0,0 x");
        await client.SendTextAsync("leave 7,1\njoin 7,1\njoin 8,0\nleave 8,0");
        Assert.DoesNotContain(client.Transport.Texts, text => text.StartsWith("gap", StringComparison.Ordinal));
        await client.SendTextAsync("since 8,0,0 x\njoin 8,0");

        Assert.Contains("gap 8,0,0 0", client.Transport.Texts);
    }

    [Fact]
    public async Task Lines_OfALaterMessage_CountAsMessages()
    {
        (_gateway.Limits.MessagesPerSecond, _gateway.Limits.MessageBurst) = (1, 5);
        var client = await _gateway.JoinDirect2Async(Enumerable.Range(1, 20).Select(group => $"{group},0"));
        Assert.Null(client.Connection.CloseReason); // the first message is one

        await client.SendTextAsync("x\nx\nx\nx");
        Assert.Null(client.Connection.CloseReason);
        await client.SendTextAsync("x\nx");

        Assert.Equal(CloseReason.MessageRate, client.Connection.CloseReason);
    }

    [Fact]
    public async Task FirstMessage_WithMoreLinesThanRoomsAllow_Closes4007()
    {
        _gateway.Connections.MaxRooms = 1;
        var client = _gateway.ConnectDirect2();

        await client.SendTextAsync("auth token" + string.Concat(Enumerable.Repeat("\nx", 100)));

        Assert.Equal(CloseReason.MessageRate, client.Connection.CloseReason);
    }

    [Fact]
    public async Task Messages_OfAnyLength_AreBoundedByTheirOwnLimits()
    {
        (_gateway.Connections.MaxFirstMessageBytes, _gateway.Connections.MaxLaterMessageBytes) = (2000, 1000);
        var client = _gateway.ConnectDirect2();

        await client.SendTextAsync("auth token\n" + new string('x', 1989));
        Assert.Null(client.Connection.CloseReason);
        await client.SendTextAsync(new string('x', 1001));

        Assert.Equal(CloseReason.MessageTooBig, client.Connection.CloseReason);
    }

    [Fact]
    public async Task Say_WithARef_IsReceivedByBothDialectsAndThenAccepted()
    {
        var original = await _gateway.JoinAsync(7, 1);
        var client = await _gateway.JoinDirect2Async("7,1");
        var before = client.Transport.Texts.Length;

        await client.SendTextAsync("say 7,1 #a\nhello\nworld");

        Assert.Equal("hello\nworld", await original.Transport.TextAsync());
        Assert.Equal(["7,1,0 0\nhello\nworld", "ok #a"], (await client.Transport.TextsAsync(before + 2))[before..].Order());
    }

    [Fact]
    public async Task Say_TheSameIdAgain_IsDeliveredOnceAndAcceptedTwice()
    {
        using var gateway = new TestGateway();
        var original = await gateway.JoinAsync(7, 1);
        var client = await gateway.JoinDirect2Async("7,1");
        var before = client.Transport.Texts.Length;

        await client.SendTextAsync("say 7,1 id=x #a\nhello");
        await client.SendTextAsync("say 7,1 id=x #b\nhello");
        await client.SendTextAsync("say 7,1 id=x #c\nother");

        Assert.Equal("hello", await original.Transport.TextAsync());
        Assert.Equal(
            ["7,1,0 0\nhello", "error #c 4507 say 7,1 the id was used for another room or text", "ok #a", "ok #b"],
            (await client.Transport.TextsAsync(before + 4))[before..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Say_TheSameIdByAnotherUser_IsAnotherMessage()
    {
        using var gateway = new TestGateway();
        var (one, other) = (await gateway.JoinDirect2Async("7,1"), await gateway.JoinDirect2Async("7,1"));

        await one.SendTextAsync("say 7,1 id=x #a\nhello");
        await other.SendTextAsync("say 7,1 id=x #a\nhello");

        Assert.Contains("ok #a", one.Transport.Texts);
        Assert.Contains("ok #a", other.Transport.Texts);
        await Deadline.UntilAsync("both messages", () => one.Transport.Texts.Count(text => text == "7,1,0 0\nhello") == 2);
    }

    [Fact]
    public async Task Say_ThatIsNotAcceptedInTime_IsGivenUpAndRefused()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        var pending = new FakePendingReceipt(default) { WhenAccepted = new TaskCompletionSource().Task };
        _gateway.Faulty.OnPublish = _ => new PublishResult(pending);

        var sending = client.SendTextAsync("say 7,1 #a\nhello");
        _gateway.Clock.Advance(TimeSpan.FromSeconds(7));
        await sending;

        Assert.Equal("error #a 4015 say 7,1 not accepted in time, but it may be delivered: say it again only with the same id", client.Transport.Texts[^1]);
        Assert.Equal(1, pending.GivenUp);
    }

    /// <summary>Tests that a gateway that has died, and is waited for until its lease ends, does not hold up what is said.</summary>
    [Fact]
    public async Task Say_WithAnIdThatOneGatewayDoesNotTake_IsOkAfterAMoment()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        var pending = new FakePendingReceipt(new Receipt(ReceiptStatus.Delivered, 1, 1));
        _gateway.Faulty.OnPublish = _ => new PublishResult(pending);

        var sending = client.SendTextAsync("say 7,1 id=x #a\nhello");
        Assert.DoesNotContain("ok #a", client.Transport.Texts);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        await sending;

        Assert.Equal("ok #a", client.Transport.Texts[^1]);
    }

    [Fact]
    public async Task Say_InTheFirstMessage_DoesNotDelayMessagesToTheUser()
    {
        var client = _gateway.ConnectDirect2();
        _gateway.Faulty.OnPublish = _ => new PublishResult(new FakePendingReceipt(default) { WhenAccepted = new TaskCompletionSource().Task });

        var sending = client.SendTextAsync("auth token\njoin 7,1\nsay 7,1 #a\nhello");

        await client.Transport.TextsAsync(7); // up to the position of the user's topic

        Assert.Equal(1, _gateway.Signal(0, 0, client.Connection.UserId, "to the user"));
        Assert.False(sending.IsCompleted);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(7));
        await sending;
    }

    // The time counts from the beginning, also if the cluster accepts the message late and a gateway does not answer.
    [Fact]
    public async Task Say_ThatIsAcceptedLateAndNotAcknowledged_IsAnsweredInTime()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        var accepted = new TaskCompletionSource();
        _gateway.Faulty.OnPublish = _ => new PublishResult(new FakePendingReceipt(new Receipt(ReceiptStatus.Delivered, 1, 1), "other") { WhenAccepted = accepted.Task });

        var sending = client.SendTextAsync("say 7,1 id=x #a\nhello");
        _gateway.Clock.Advance(TimeSpan.FromSeconds(5));
        accepted.SetResult();
        await AdvanceUntilAsync(sending);

        Assert.Equal("ok #a", client.Transport.Texts[^1]);
        Assert.InRange(_gateway.Wheel.CurrentMs, 5_000, 7_000);
    }

    [Fact]
    public async Task Say_ThatIsClosedMeanwhile_DoesNotHoldTheConnection()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        _gateway.Faulty.OnPublish = _ => new PublishResult(new FakePendingReceipt(default) { WhenAccepted = new TaskCompletionSource().Task });

        var sending = client.SendTextAsync("say 7,1 #a\nhello");
        client.Connection.BeginClose(CloseReason.GatewayDraining);
        await sending;

        Assert.Equal(4001, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Say_WithoutARef_IsPublishedWithoutAReceipt()
    {
        var client = await _gateway.JoinDirect2Async("7,1");
        Signal? published = null;
        _gateway.Faulty.OnPublish = signal =>
        {
            published = signal;
            return default;
        };

        await client.SendTextAsync("say 7,1\nhello");

        Assert.Equal((false, null), (published!.Value.NeedsReceipt, published.Value.Id));
    }

    [Fact]
    public async Task Join_TheClusterDoesNotConfirm_IsRefusedAndLeavesRoomForAnother()
    {
        _gateway.Connections.MaxRooms = 1;
        var client = await _gateway.JoinDirect2Async();
        _gateway.Faulty.IsHeld = true;

        var sending = client.SendTextAsync("join 7,1 #a");
        _gateway.Clock.Advance(TimeSpan.FromSeconds(11));
        await sending;
        _gateway.Faulty.IsHeld = false;
        await client.SendTextAsync("join 8,0 #b");

        Assert.Contains("error #a 4006 join 7,1 the cluster did not confirm in time, join again", client.Transport.Texts);
        Assert.Equal("joined 8,0 #b", client.Transport.Texts[^1]);
    }

    // The joins of one message wait for the cluster together: all subscribes are under way before one is answered.
    [Fact]
    public async Task Join_SeveralInOneMessage_RunInParallel()
    {
        var client = await _gateway.JoinDirect2Async();
        _gateway.Faulty.IsHeld = true;

        var sending = client.SendTextAsync("join 7,0 #a\njoin 8,0 #b\nsay 7,0 #c\nhello");
        var calls = new[] { await _gateway.Faulty.NextCallAsync("the first join"), await _gateway.Faulty.NextCallAsync("the second join") };
        Array.ForEach(calls, call => call.Succeed());
        await sending;

        Assert.Equal(["+group/7", "+group/8"], calls.Select(call => call.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains("ok #c", client.Transport.Texts);
    }

    [Fact]
    public async Task Auth_Later_ReplacesTheSessionOfTheSameUserOnly()
    {
        using var gateway = new TestGateway
        {
            Store = new FakeSessionStore((token, _) => ValueTask.FromResult(token == "down"
                ? new Session(SessionStatus.Unavailable)
                : new Session(SessionStatus.Known, token == "other" ? 43 : 42))),
        };
        gateway.Node.Environment = "production";
        var client = await gateway.JoinDirect2Async("7,1");

        await client.SendTextAsync("auth newer");
        Assert.Equal(($"welcome 42 {client.Connection.Id} 30", "newer"), (client.Transport.Texts[^1], System.Text.Encoding.UTF8.GetString(client.Connection.Token!)));
        await client.SendTextAsync("auth down");
        Assert.StartsWith("error - 4005 auth 0,0 ", client.Transport.Texts[^1], StringComparison.Ordinal);
        await client.SendTextAsync("auth other");

        Assert.Equal(CloseReason.SessionExpired, client.Connection.CloseReason);
    }

    // With AnonymousWhenUnavailable the token counts as that of another user, who is anonymous. This must not end the session.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Auth_LaterWhileTheStoreIsDown_KeepsTheSession(bool anonymousWhenUnavailable)
    {
        var isDown = false;
        using var gateway = new TestGateway
        {
            Store = new FakeSessionStore((_, _) => ValueTask.FromResult(isDown ? new Session(SessionStatus.Unavailable) : new Session(SessionStatus.Known, 42))),
        };
        gateway.Node.Environment = "production";
        gateway.Sessions.AnonymousWhenUnavailable = anonymousWhenUnavailable;
        var client = await gateway.JoinDirect2Async("7,1");
        isDown = true;

        await client.SendTextAsync("auth newer");

        Assert.Equal("error - 4005 auth 0,0 sessions cannot be checked now, the old one stays in force", client.Transport.Texts[^1]);
        Assert.Equal((null, 42, "token"), (client.Connection.CloseReason, client.Connection.UserId, System.Text.Encoding.UTF8.GetString(client.Connection.Token!)));
    }

    [Fact]
    public async Task FirstMessage_WhoseHandlingFails_LeavesNothing()
    {
        using var gateway = new TestGateway
        {
            IsClustered = true,
            Store = new FakeSessionStore((token, _) => token == "bad" ? throw new InvalidDataException("an error of the store") : ValueTask.FromResult(new Session(SessionStatus.Known, 42))),
        };
        gateway.Node.Environment = "production";
        gateway.Subscriptions.SubscriptionLinger = TimeSpan.Zero;
        var client = gateway.ConnectDirect2();

        await Assert.ThrowsAsync<InvalidDataException>(() => client.SendTextAsync("auth good\njoin 7,1\nauth bad"));
        await client.LoseAsync();

        Assert.Equal((0, 0, 0), (gateway.Registry.Count, gateway.Index.TopicCount, gateway.Admission.Connections));
        await Deadline.UntilAsync(
            "no subscription is left",
            () =>
            {
                gateway.Clock.Advance(TimeSpan.FromSeconds(1));
                return gateway.TopicSubscriptions.Count == 0;
            },
            actual: () => string.Join(' ', gateway.Faulty.Subscribed));
    }

    // Input that arrives in two parts, split at every byte.
    [Fact]
    public async Task Messages_SplitAnywhere_AreAnsweredAlike()
    {
        var bytes = InMemoryClient.Bytes(ClientFrame.Text("auth tökén\nsince 7,1,0 x\njoin 7,1 #a"), ClientFrame.Text("say 7,1 #b\nhällo"), ClientFrame.Text("leave 7,1 #c"));
        string[]? expected = null;
        for (var split = 0; split <= bytes.Length; split++)
        {
            using var gateway = new TestGateway();
            var client = gateway.ConnectDirect2();
            await client.SendAsync(bytes.AsMemory(0, split));
            await client.SendAsync(bytes.AsMemory(split));
            string[] texts = [.. (await client.Transport.TextsAsync(11)).Order(StringComparer.Ordinal)];
            Assert.Equal(expected ??= texts, texts);
        }

        Assert.Contains("left 7,1 #c", expected!);
    }

    [Fact]
    public async Task Messages_Truncated_NeverThrowAndLeaveNothing()
    {
        var message = "auth token\nsince 7,1,0 x\njoin 7,1 #a\nsay 7,1 id=x #b\nhello";
        for (var length = 0; length <= message.Length; length++)
        {
            var client = _gateway.ConnectDirect2();
            await client.SendTextAsync(message[..length]);
            await client.CloseAsync();
        }

        Assert.Equal((0, 0, 0), (_gateway.Registry.Count, _gateway.Index.TopicCount, _gateway.Admission.Connections));
    }

    // Lines in random order, of which some are damaged, and messages of random bytes. The rooms of the connection are always those that its client has
    // been told of, and a connection that is not closed goes on.
    [Fact]
    public async Task Messages_OfRandomBytes_NeverThrowAndLeaveNothing()
    {
        var random = new Random(20261129);
        string[] lines = ["join 7,1 #a", "leave 7,1 #b", "say 7,1 id=x #c", "hello", "since 7,1,0 x", "auth token", "join 7,0", "leave 7,0", "join 0,1", "leave 0,1"];
        var (closed, answered) = (new HashSet<int>(), new HashSet<string>());
        for (var i = 0; i < 500; i++)
        {
            var client = _gateway.ConnectDirect2();
            await client.SendTextAsync("auth token");
            for (var messages = random.Next(1, 10); messages > 0 && client.Connection.CloseReason is null; messages--)
            {
                await client.SendAsync(RandomMessage(random, lines));
                Assert.Equal(RoomsTold(client), client.Connection.RoomsIn(default).Where(room => room != default));
            }

            if (client.Connection.CloseReason is { } reason)
            {
                closed.Add(reason.Code);
            }
            else
            {
                await client.SendTextAsync("join 9,9 #end");
                Assert.Contains("joined 9,9 #end", client.Transport.Texts);
            }

            answered.UnionWith(client.Transport.Texts.Select(text => text.Split(' ') is ["error", _, var code, ..] ? code : text.Split(' ', '\n')[0]));
            await client.CloseAsync();
        }

        Assert.Equal([1007, 4009], closed.Order()); // a text that is not UTF-8, and 'auth': with env=test every token is another user
        Assert.Superset(new HashSet<string> { "welcome", "at", "gap", "joined", "left", "ok", "1003", "1008", "4504" }, answered);
        Assert.Equal((0, 0, 0), (_gateway.Registry.Count, _gateway.Index.TopicCount, _gateway.Admission.Connections));
    }

    private static ClientFrame RandomMessage(Random random, string[] lines)
    {
        if (random.Next(10) == 0)
        {
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            return random.Next(2) == 0 ? ClientFrame.Binary(bytes) : ClientFrame.Text("") with { Payload = bytes };
        }

        var text = string.Join('\n', Enumerable.Range(0, random.Next(1, 8)).Select(_ => lines[random.Next(lines.Length)])).ToCharArray();
        if (random.Next(3) == 0)
        {
            text[random.Next(text.Length)] = (char)random.Next(1, 127);
        }

        return ClientFrame.Text(new string(text));
    }

    // The rooms that the client is in, by what it has received.
    private static RoomId[] RoomsTold(InMemoryClient client)
    {
        var rooms = new SortedSet<RoomId>();
        foreach (var words in client.Transport.Texts.Select(text => text.Split(' ')).Where(words => words[0] is "joined" or "left"))
        {
            var numbers = words[1].Split(',').Select(number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            _ = words[0] == "joined" ? rooms.Add(new RoomId(numbers[0], numbers[1])) : rooms.Remove(new RoomId(numbers[0], numbers[1]));
        }

        return [.. rooms];
    }

    private Task AdvanceUntilAsync(Task work) => Deadline.UntilAsync(
        "the end of the wait",
        () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(0.1));
            return work.IsCompleted;
        });
}
