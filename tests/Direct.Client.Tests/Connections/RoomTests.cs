using Direct.Client.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Connections;

public sealed class RoomTests
{
    private static readonly DirectRoom Room = new(7, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Join_AnsweredForAnEarlierJoin_WaitsForItsOwnAnswer()
    {
        await using var test = new ConnectionUnderTest();
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;
        _ = test.Connection.JoinAsync(Room, Cancellation);
        var (_, earlier) = await peer.ReceiveWithRefAsync();
        _ = test.Connection.LeaveAsync(Room, Cancellation);
        var (_, leave) = await peer.ReceiveWithRefAsync();
        var joined = test.Connection.JoinAsync(Room, Cancellation);
        var (line, later) = await peer.ReceiveWithRefAsync();

        await peer.SendAsync($"joined 7,1 #{earlier}", $"left 7,1 #{leave}", "0,0,0 x\nread");
        await test.ReadAsync<DirectMessage>();
        Assert.False(joined.IsCompleted);
        await peer.SendAsync($"joined 7,1 #{later}");

        await joined;
        Assert.Equal("join 7,1", line);
    }

    [Fact]
    public async Task Join_WithoutAConnection_EndsWhenTheRoomIsLive()
    {
        await using var test = new ConnectionUnderTest(start: false);
        var joined = test.Connection.JoinAsync(Room, Cancellation);
        _ = test.Connection.StartAsync(Cancellation);
        var peer = await test.Gateway.WelcomeAsync();
        Assert.False(joined.IsCompleted);

        await peer.SendAsync($"joined 7,1 #{peer.First.Split('#')[1]}");

        await joined;
    }

    [Fact]
    public async Task Join_OfAJoinedRoom_SendsNothing()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("joined 7,1 #1");
        await test.Connection.JoinAsync(Room, Cancellation);

        await test.Connection.JoinAsync(Room, Cancellation);
        _ = test.Connection.JoinAsync(new(7, 2), Cancellation);

        Assert.Equal("join 7,2", (await peer.ReceiveWithRefAsync()).Line);
    }

    [Fact]
    public async Task Join_RefusedForGood_ThrowsAndIsNotRepeated()
    {
        await using var test = new ConnectionUnderTest();
        var peer = await test.Gateway.WelcomeAsync();
        var joined = test.Connection.JoinAsync(Room, Cancellation);
        var (_, reference) = await peer.ReceiveWithRefAsync();

        await peer.SendAsync($"error #{reference} 4505 join 7,1 too many rooms for one connection");

        var exception = await Assert.ThrowsAsync<DirectException>(() => joined);
        Assert.Equal((4505, "too many rooms for one connection"), (exception.Status, exception.Detail));
        Assert.Equal(new DirectRoomLost(Room, 4505, "too many rooms for one connection"), await test.ReadAsync<DirectRoomLost>());
        await peer.CloseAsync(4001);
        Assert.Equal("auth token", (await test.Gateway.WelcomeAsync()).First);
    }

    [Theory]
    [InlineData("error #{0} 4006 join 7,1 the cluster did not confirm in time, join again")]
    [InlineData("left 7,1 4014 rights cannot be checked")]
    public async Task Join_RefusedForNow_IsRepeatedAfterAWait(string refusal)
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options => (options.TimeProvider, options.Random, options.ReconnectDelay, options.MaxReconnectDelay) =
            (time, new FixedRandom(0.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)));
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;
        var joined = test.Connection.JoinAsync(Room, Cancellation);
        var (_, reference) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync(refusal.Replace("{0}", reference, StringComparison.Ordinal), "0,0,0 x\nread");
        await test.ReadAsync<DirectMessage>();

        var refused = time.GetTimestamp();
        Assert.True(time.TryAdvanceToNextTimer());
        var (line, again) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync($"joined 7,1 #{again}");

        Assert.Equal(("join 7,1", TimeSpan.FromSeconds(1)), (line, time.GetElapsedTime(refused)));
        await joined;
    }

    [Theory]
    [InlineData("error #{0} 4006 join 7,0 the cluster did not confirm in time, join again")]
    [InlineData("left 7,0 4014 rights cannot be checked")]
    public async Task Join_RefusedForNowAfterAReconnect_NamesThePositionsAgain(string refusal)
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room, new(7, 0)));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("at 7,0,0 a1", "at 0,1,0 c1", "at 7,1,0 b1", "at 0,0,0 e1", "7,1,0 b2\nread");
        await test.ReadAsync<DirectMessage>();
        await peer.CloseAsync(4001);
        var again = await test.Gateway.WelcomeAsync();

        await again.SendAsync(refusal.Replace("{0}", again.First.Split('#')[^1], StringComparison.Ordinal));
        var other = await again.ReceiveAsync();
        await again.SendAsync("left 7,1 4014 rights cannot be checked");
        var room = await again.ReceiveAsync();

        Assert.Equal(["since 7,0,0 a1", "join 7,0"], Lines(other));
        Assert.Equal(["since 7,1,0 b2", "since 7,0,0 a1", "since 0,1,0 c1", "join 7,1"], Lines(room));

        static string[] Lines(string message) => message.Split(" #")[0].Split('\n');
    }

    [Fact]
    public async Task Room_ThatBecomesLive_IsReportedAfterEachReconnect()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("joined 7,1 #1");
        Assert.Equal(new DirectRoomJoined(Room), await test.ReadAsync<DirectRoomJoined>());
        await peer.CloseAsync(4001);
        await (await test.Gateway.WelcomeAsync()).SendAsync("joined 7,1 #1", "joined 7,1 #2", "0,0,0 x\nread");

        Assert.Equal(new DirectRoomJoined(Room), await test.ReadAsync<DirectRoomJoined>());
        Assert.IsType<DirectMessage>(await test.ReadUntilAsync(_ => true));
    }

    [Fact]
    public async Task Room_TakenAwayByTheGateway_IsLost()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();

        await peer.SendAsync("joined 7,1 #1", "left 7,1 4502 not allowed any more");

        Assert.Equal(new DirectRoomLost(Room, 4502, "not allowed any more"), await test.ReadAsync<DirectRoomLost>());
        await peer.CloseAsync(4001);
        Assert.Equal("auth token", (await test.Gateway.WelcomeAsync()).First);
    }

    [Fact]
    public async Task Leave_WhileTheConnectionIsLost_Ends()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;
        var left = test.Connection.LeaveAsync(Room, Cancellation);

        peer.Break();

        await left;
        Assert.Equal("auth token", (await test.Gateway.WelcomeAsync()).First);
    }

    [Fact]
    public async Task Join_OfNoRoom_IsRefused()
    {
        await using var test = new ConnectionUnderTest(start: false);

        await Assert.ThrowsAsync<ArgumentException>(() => test.Connection.JoinAsync(default, Cancellation));
    }
}
