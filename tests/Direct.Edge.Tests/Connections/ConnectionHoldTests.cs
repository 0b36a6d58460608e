using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Connections;

/// <summary>Tests connections while a subscribe or a broadcast of theirs is under way.</summary>
public sealed class ConnectionHoldTests : IDisposable
{
    private readonly TestGateway _gateway = new() { IsClustered = true };

    public ConnectionHoldTests() => _ = _gateway.Hub;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Receive_UserTopicPending_IsInNoTopicAndHoldsItsInput()
    {
        _gateway.Faulty.IsHeld = true;
        var client = _gateway.Connect();

        var sending = client.SendAsync(ClientFrame.Text("token"), InMemoryClient.Ping("behind"));
        var call = await _gateway.Faulty.NextCallAsync("the user's topic");
        Assert.Equal((false, 0, 0), (sending.IsCompleted, client.Transport.Sent.Length, _gateway.Signal(0, 0, 0, "everyone")));
        call.Succeed();
        await sending;

        Assert.Equal(1, _gateway.Signal(0, 0, client.Connection.UserId, "you"));
    }

    [Fact]
    public async Task Receive_JoinPending_TheOldRoomStaysUntilTheNewIsConfirmed()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.IsHeld = true;

        var sending = client.JoinAsync(3, 4);
        var calls = new[] { await NextAsync(), await NextAsync(), await NextAsync() };
        Assert.Equal((1, 0), (_gateway.Signal(1, 2, 0, "old"), _gateway.Signal(3, 4, 0, "new")));
        Array.ForEach(calls, call => call.Succeed());
        await sending;

        Assert.Equal((0, 1), (_gateway.Signal(1, 2, 0, "old"), _gateway.Signal(3, 4, 0, "new")));
    }

    // A join needs the three subscriptions of group, channel and room; two of them are not enough.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Receive_JoinConfirmedInPart_IsPending(int missing)
    {
        var client = await _gateway.EnterAsync();
        _gateway.Faulty.IsHeld = true;

        var sending = client.JoinAsync(3, 4);
        var calls = new[] { await NextAsync(), await NextAsync(), await NextAsync() };
        foreach (var call in calls.Where((_, i) => i != missing))
        {
            call.Succeed();
        }

        Assert.Equal((false, 0), (sending.IsCompleted, _gateway.Signal(3, 4, 0, "new")));
        calls[missing].Succeed();
        await sending;
    }

    [Fact]
    public async Task Receive_JoinPending_HoldsTheBroadcastBehindIt()
    {
        var client = await _gateway.EnterAsync();
        _gateway.Faulty.IsHeld = true;

        var sending = client.SendAsync(ClientFrame.Text("3,0"), ClientFrame.Text(":hello"));
        var call = await NextAsync();
        Assert.Empty(client.Transport.Sent);
        call.Succeed();
        await sending;

        Assert.Equal("hello", await client.Transport.TextAsync());
    }

    [Fact]
    public async Task Receive_JoinPending_DelaysNobodyElse()
    {
        var member = await _gateway.JoinAsync(1, 2);
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.IsHeld = true;
        var sending = client.JoinAsync(3, 0);
        var call = await NextAsync();

        await member.BroadcastAsync("hello");

        Assert.Equal("hello", await member.Transport.TextAsync());
        call.Succeed();
        await sending;
    }

    [Fact]
    public async Task Receive_JoinNeverConfirmed_ClosesWith4006()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.IsHeld = true;
        var sending = client.JoinAsync(3, 0);
        var call = await NextAsync();

        _gateway.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Null(client.Connection.CloseReason);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.2));
        await Deadline.RunAsync("the join's end", token => new ValueTask(sending.WaitAsync(token)));

        Assert.Equal((4006, 0), (client.Transport.Close?.Code, _gateway.Index.TopicCount));
        call.Succeed();
    }

    [Fact]
    public async Task Receive_UserTopicNeverConfirmed_ClosesWith4006()
    {
        _gateway.Faulty.IsHeld = true;
        var client = _gateway.Connect();
        var sending = client.EnterAsync();
        var call = await NextAsync();

        _gateway.Clock.Advance(TimeSpan.FromSeconds(10.1));
        await Deadline.RunAsync("the login's end", token => new ValueTask(sending.WaitAsync(token)));

        Assert.Equal((4006, false), (client.Transport.Close?.Code, client.Connection.IsIdentified));
        call.Succeed();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Receive_ClosedWhileAJoinIsPending_LeaksNoSubscription(bool isLost)
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.IsHeld = true;
        var sending = client.JoinAsync(3, 0);
        var call = await NextAsync();

        client.Connection.BeginClose(CloseReason.GatewayDraining);
        _gateway.Faulty.IsHeld = false;
        call.Succeed();
        await sending;
        await (isLost ? client.LoseAsync() : client.CloseAsync());

        await NothingSubscribedAsync();
    }

    [Fact]
    public async Task Receive_ClosedWhileTheUserTopicIsPending_LeaksNoSubscription()
    {
        _gateway.Faulty.IsHeld = true;
        var client = _gateway.Connect();
        var sending = client.EnterAsync();
        var call = await NextAsync();

        client.Connection.BeginClose(CloseReason.GatewayDraining);
        _gateway.Faulty.IsHeld = false;
        call.Succeed();
        await sending;
        await client.LoseAsync();

        await NothingSubscribedAsync();
    }

    [Fact]
    public async Task Receive_AfterAJoinTimedOut_LeaksNoSubscription()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.IsHeld = true;
        var sending = client.JoinAsync(3, 0);
        var call = await NextAsync();
        _gateway.Clock.Advance(TimeSpan.FromSeconds(10.1));
        await Deadline.RunAsync("the join's end", token => new ValueTask(sending.WaitAsync(token)));

        _gateway.Faulty.IsHeld = false;
        call.Succeed();
        await client.LoseAsync();

        await NothingSubscribedAsync();
    }

    [Fact]
    public async Task Receive_JoinOfTheSamePlace_KeepsItSubscribed()
    {
        var client = await _gateway.JoinAsync(1, 2);

        await client.JoinAsync(1, 2);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(
            ["channel/2", "group/1", "room/1/2", $"user/{client.Connection.UserId}"],
            _gateway.Faulty.Subscribed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Receive_RoomWithoutRoom_HoldsTheSenderUntilThereIs()
    {
        var room = new TaskCompletionSource();
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ => new ValueTask(room.Task);

        var sending = client.SendAsync(ClientFrame.Text(":first"), ClientFrame.Text(":second"));
        await client.Transport.TextAsync();
        Assert.False(sending.IsCompleted);
        room.SetResult();
        await sending;

        Assert.Equal(["first", "second"], await client.Transport.TextsAsync(2));
    }

    // The lane of a room may be full for minutes. A closing connection must not wait for it, nor delay the fence, which waits for the end of the connection.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BeginClose_WhileABroadcastWaitsForRoom_EndsTheWaitAndDropsWhatIsBehindIt(bool isSlow)
    {
        _gateway.Connections.QueueBytes = 100;
        var member = await _gateway.JoinAsync(1, 2);
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ => new ValueTask(new TaskCompletionSource().Task);
        var sending = client.SendAsync(ClientFrame.Text(":first"), ClientFrame.Text(":second"), ClientFrame.Close(4001));
        Assert.Equal("first", await client.Transport.TextAsync());
        Assert.False(sending.IsCompleted);

        if (isSlow)
        {
            client.Connection.Send(new byte[101]);
        }
        else
        {
            client.Connection.BeginClose(CloseReason.GatewayDraining);
        }

        await Deadline.RunAsync("the end of the wait", token => new ValueTask(sending.WaitAsync(token)));
        await client.EndedAsync();
        _gateway.Signal(1, 2, 0, "last");
        Assert.Equal(["first", "last"], await member.Transport.TextsAsync(2));
        Assert.Equal((isSlow ? 4002 : 4001, 1), (client.Connection.CloseReason!.Code, _gateway.Registry.Count));
    }

    [Fact]
    public async Task Receive_RoomWithoutRoomOfAConnectionThatIsClosing_HoldsNothing()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ =>
        {
            client.Connection.BeginClose(CloseReason.GatewayDraining);
            return new ValueTask(new TaskCompletionSource().Task);
        };

        Assert.True(client.BroadcastAsync("hello").IsCompletedSuccessfully);

        await client.CloseAsync();
    }

    // Nothing is read while a broadcast waits for space. A client that has disconnected must not be kept as long as the room is full.
    [Fact]
    public async Task Receive_RoomWithoutRoomForLongerThanTheReadTimeout_ClosesWith4004()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ => new ValueTask(new TaskCompletionSource().Task);
        var sending = client.SendAsync(ClientFrame.Text(":hello"), ClientFrame.Close(1000));
        Assert.False(sending.IsCompleted);

        _gateway.Clock.Advance(TimeSpan.FromSeconds(61));

        await Deadline.RunAsync("the end of the wait", token => new ValueTask(sending.WaitAsync(token)));
        await client.EndedAsync();
        Assert.Equal((CloseReason.KeepAliveTimeout, 0), (client.Connection.CloseReason, _gateway.Registry.Count));
    }

    [Fact]
    public async Task Receive_WaitForRoomThatFails_FailsTheConnection()
    {
        var room = new TaskCompletionSource();
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ => new ValueTask(room.Task);
        var sending = client.BroadcastAsync("hello");

        room.SetException(new InvalidOperationException("an error of ours"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => sending);
    }

    private Task<BackplaneCall> NextAsync() => _gateway.Faulty.NextCallAsync("a subscribe");

    // Moves past the linger of every topic.
    private async Task NothingSubscribedAsync()
    {
        _gateway.Clock.Advance(TimeSpan.FromSeconds(30));
        await Deadline.UntilAsync(
            "no subscription left",
            () => _gateway.TopicSubscriptions.Count == 0 && !_gateway.Faulty.Subscribed.Any(),
            actual: () => $"{_gateway.TopicSubscriptions.Count} left; {string.Join(' ', _gateway.Faulty.History)}");
    }
}
