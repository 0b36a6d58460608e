using Direct.Client.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Connections;

public sealed class SayTests
{
    private static readonly DirectRoom Room = new(7, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Say_InALiveRoom_EndsWhenItIsConfirmed()
    {
        await using var test = new ConnectionUnderTest(InRoom);
        var peer = await JoinedAsync(test);

        var said = test.Connection.SayAsync(Room, "hällo\n", "x", Cancellation);
        var (message, reference) = await peer.ReceiveWithRefAsync();
        Assert.False(said.IsCompleted);
        await peer.SendAsync($"ok #{reference}");

        await said;
        Assert.Equal("say 7,1 id=x\nhällo\n", message);
    }

    [Fact]
    public async Task Say_NotConfirmedWhenTheConnectionIsLost_IsSentAgainInOrderWithTheSameIdOnceTheRoomIsLive()
    {
        await using var test = new ConnectionUnderTest(InRoom);
        var peer = await JoinedAsync(test);
        var first = test.Connection.SayAsync(Room, "one", cancellationToken: Cancellation);
        var (firstMessage, confirmed) = await peer.ReceiveWithRefAsync();
        var second = test.Connection.SayAsync(Room, "two", cancellationToken: Cancellation);
        var (secondMessage, _) = await peer.ReceiveWithRefAsync();
        var third = test.Connection.SayAsync(Room, "three", cancellationToken: Cancellation);
        var (thirdMessage, _) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync($"ok #{confirmed}");
        await first;
        peer.Break();

        var again = await test.Gateway.WelcomeAsync();
        Assert.DoesNotContain("say", again.First, StringComparison.Ordinal);
        await test.ReadStateAsync(DirectConnectionState.Reconnecting);
        await test.ReadStateAsync(DirectConnectionState.Connected);
        var fourth = test.Connection.SayAsync(Room, "four", cancellationToken: Cancellation);
        _ = test.Connection.JoinAsync(new(7, 2), Cancellation);
        Assert.Equal("join 7,2", (await again.ReceiveWithRefAsync()).Line); // nothing is said before the room is live
        await again.SendAsync($"joined 7,1 #{again.First.Split('#')[1]}");
        var (message, reference) = await again.ReceiveWithRefAsync();
        var (next, nextReference) = await again.ReceiveWithRefAsync();
        await again.SendAsync($"ok #{reference}", $"ok #{nextReference}", $"ok #{(await again.ReceiveWithRefAsync()).Ref}");

        await Task.WhenAll(second, third, fourth);
        Assert.Equal((secondMessage, thirdMessage), (message, next));
        Assert.Equal(3, new[] { firstMessage, secondMessage, thirdMessage }.Select(text => text.Split("id=")[1].Split('\n')[0]).Distinct().Count());
    }

    [Fact]
    public async Task Say_WithoutAConnection_WaitsUpToTheLimit()
    {
        await using var test = new ConnectionUnderTest(
            options =>
            {
                InRoom(options);
                options.MaxPendingSays = 2;
            },
            start: false);

        var first = test.Connection.SayAsync(Room, "one", cancellationToken: Cancellation);
        var second = test.Connection.SayAsync(Room, "two", cancellationToken: Cancellation);
        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Connection.SayAsync(Room, "three", cancellationToken: Cancellation));

        Assert.Contains("MaxPendingSays", exception.Message, StringComparison.Ordinal);
        Assert.Equal(DirectFailure.QueueFull, exception.Failure);
        _ = test.Connection.StartAsync(Cancellation);
        var peer = await JoinedAsync(test);
        string[] references = [(await peer.ReceiveWithRefAsync()).Ref, (await peer.ReceiveWithRefAsync()).Ref];
        await peer.SendAsync([.. references.Select(reference => $"ok #{reference}")]);
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Say_InARoomThatIsNotJoined_IsRefused()
    {
        await using var test = new ConnectionUnderTest(InRoom, start: false);

        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Connection.SayAsync(new(7, 2), "hello", cancellationToken: Cancellation));

        Assert.Equal(4504, exception.Status);
    }

    [Fact]
    public async Task Say_RefusedForGood_Throws()
    {
        await using var test = new ConnectionUnderTest(InRoom);
        var peer = await JoinedAsync(test);
        var said = test.Connection.SayAsync(Room, "hello", "x", Cancellation);
        var (_, reference) = await peer.ReceiveWithRefAsync();

        await peer.SendAsync("error - 1008 - 0,0 the line is not a command", $"error #{reference} 4507 say 7,1 the id was used for another room or text");

        var exception = await Assert.ThrowsAsync<DirectException>(() => said);
        Assert.Equal((4507, "the id was used for another room or text", "x", null), (exception.Status, exception.Detail, exception.Id, exception.Failure));
    }

    [Fact]
    public async Task Say_NotAcceptedInTime_IsRepeatedWithTheSameId()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options =>
        {
            InRoom(options);
            (options.TimeProvider, options.Random, options.ReconnectDelay, options.MaxReconnectDelay) = (time, new FixedRandom(0.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
        });
        var peer = await JoinedAsync(test);
        var said = test.Connection.SayAsync(Room, "hello", cancellationToken: Cancellation);
        var (first, reference) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync($"error #{reference} 4015 say 7,1 not accepted in time", "0,0,0 x\nread");
        await test.ReadAsync<DirectMessage>();

        Assert.True(time.TryAdvanceToNextTimer());
        var (second, again) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync($"ok #{again}");

        await said;
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Say_NeverConfirmed_EndsAfterItsTimeoutAndIsNotSentAgain()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options =>
        {
            InRoom(options);
            options.TimeProvider = time;
        });
        var peer = await JoinedAsync(test);
        var said = test.Connection.SayAsync(Room, "hello", "x", Cancellation);
        await peer.ReceiveWithRefAsync();

        time.Advance(TimeSpan.FromSeconds(60));

        var exception = await Assert.ThrowsAsync<DirectException>(() => said);
        Assert.Equal(("x", DirectFailure.TimedOut), (exception.Id, exception.Failure));
        await AssertSaysNothingAfterAReconnectAsync(test, peer);
    }

    [Fact]
    public async Task Say_Cancelled_IsNotSentAgain()
    {
        await using var test = new ConnectionUnderTest(InRoom);
        var peer = await JoinedAsync(test);
        using var cancel = new CancellationTokenSource();
        var said = test.Connection.SayAsync(Room, "hello", "x", cancel.Token);
        await peer.ReceiveWithRefAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => said);
        await AssertSaysNothingAfterAReconnectAsync(test, peer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Say_NotConfirmed_IsNotSentAgainWhereTheGatewayWouldDeliverItTwice(bool direct2)
    {
        await using var test = new ConnectionUnderTest(InRoom);
        var peer = await JoinedAsync(test);
        var said = test.Connection.SayAsync(Room, "sent before", "x", Cancellation);
        await peer.ReceiveWithRefAsync();
        peer.Break();

        if (direct2)
        {
            var again = await test.Gateway.WelcomeAsync(user: 43);
            await again.SendAsync($"joined 7,1 #{again.First.Split('#')[1]}");
        }
        else
        {
            await test.Gateway.AcceptAsync(direct2: false);
        }

        var exception = await Assert.ThrowsAsync<DirectException>(() => said);
        Assert.Equal(("x", DirectFailure.Uncertain), (exception.Id, exception.Failure));
        Assert.Equal(direct2 ? 43 : null, test.Connection.User);
    }

    [Fact]
    public async Task Say_WhenItsRoomIsLeft_Fails()
    {
        await using var test = new ConnectionUnderTest(InRoom, start: false);
        var said = test.Connection.SayAsync(Room, "hello", cancellationToken: Cancellation);

        await test.Connection.LeaveAsync(Room, Cancellation);

        Assert.Equal(DirectFailure.RoomLeft, (await Assert.ThrowsAsync<DirectException>(() => said)).Failure);
    }

    [Theory]
    [InlineData(4036, true)]
    [InlineData(4037, false)]
    public async Task Say_OfALongText_IsRefusedBeforeTheGatewayClosesTheConnection(int length, bool isAccepted)
    {
        await using var test = new ConnectionUnderTest(InRoom, start: false);

        var said = test.Connection.SayAsync(Room, new string('x', length), new string('i', 30), Cancellation);

        Assert.Equal(isAccepted, !said.IsFaulted);
        if (!isAccepted)
        {
            await Assert.ThrowsAsync<ArgumentException>("text", () => said);
        }
    }

    [Fact]
    public async Task Say_OfMany_StaysBelowTheRateThatGatewaysAllow()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options =>
        {
            InRoom(options);
            options.TimeProvider = time;
        });
        var peer = await JoinedAsync(test);
        for (var i = 0; i < 100; i++)
        {
            _ = test.Connection.SayAsync(Room, "hello", cancellationToken: Cancellation);
        }

        await ReceiveAsync(59); // the first message counts too
        var next = peer.ReceiveAsync();
        await Deadline.UntilAsync("a pause", () => time.ArmedTimers == 101); // one for each broadcast, and that of the pause
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.5));
        await next;
        await ReceiveAsync(19);

        await Deadline.UntilAsync("another pause", () => time.ArmedTimers == 101);

        async Task ReceiveAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await peer.ReceiveAsync();
            }
        }
    }

    private static void InRoom(DirectConnectionOptions options) => options.Rooms.Add(Room);

    private static async Task<ScriptedPeer> JoinedAsync(ConnectionUnderTest test)
    {
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync($"joined 7,1 #{peer.First.Split('#')[1]}");
        await test.Connection.JoinAsync(Room, Cancellation);
        return peer;
    }

    private static async Task AssertSaysNothingAfterAReconnectAsync(ConnectionUnderTest test, ScriptedPeer peer)
    {
        peer.Break();
        var again = await test.Gateway.WelcomeAsync();
        await again.SendAsync($"joined 7,1 #{again.First.Split('#')[1]}");
        await test.Connection.JoinAsync(Room, Cancellation); // when the room is live, what waits is sent
        _ = test.Connection.JoinAsync(new(7, 2), Cancellation);
        Assert.Equal("join 7,2", (await again.ReceiveWithRefAsync()).Line);
    }
}
