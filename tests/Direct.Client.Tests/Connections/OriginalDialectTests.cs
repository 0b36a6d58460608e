using Direct.Client.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Connections;

/// <summary>With a gateway that does not select direct.2.</summary>
public sealed class OriginalDialectTests
{
    private static readonly DirectRoom Room = new(7, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_InOneRoom_JoinsSaysAndReceives()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var waiting = test.Connection.SayAsync(Room, "early", cancellationToken: Cancellation);
        var peer = await test.Gateway.AcceptAsync(direct2: false);
        await test.Started;
        await test.Connection.JoinAsync(Room, Cancellation);
        await waiting;

        await test.Connection.SayAsync(Room, "late", cancellationToken: Cancellation);
        await peer.SendAsync("7,1,0 text", "hello\n");

        Assert.Equal(["token", "7,1", ":early", ":late"], [await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync()]);
        Assert.Equal([new(null, "7,1,0 text"), new(null, "hello\n")], [await test.ReadAsync<DirectMessage>(), await test.ReadAsync<DirectMessage>()]);
    }

    [Fact]
    public async Task Join_OfASecondRoom_IsRefusedUntilTheFirstIsLeft()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.AcceptAsync(direct2: false);
        await test.Started;

        Assert.Equal(4505, (await Assert.ThrowsAsync<DirectException>(() => test.Connection.JoinAsync(new(7, 2), Cancellation))).Status);
        await test.Connection.LeaveAsync(Room, Cancellation);
        await test.Connection.JoinAsync(new(7, 2), Cancellation);

        Assert.Equal(["token", "7,1", "0,0", "7,2"], [await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync()]);
    }

    [Fact]
    public async Task Connect_WithTwoRooms_IsTriedAgainUntilAGatewaySelectsDirect2()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room, new(7, 2)));
        await test.Gateway.AcceptAsync(direct2: false);

        var peer = await test.Gateway.WelcomeAsync();

        Assert.Equal(["auth token", "join 7,1 #1", "join 7,2 #2"], peer.FirstLines);
        Assert.Contains("direct.2", ((DirectStateChange)await test.ReadStateAsync(DirectConnectionState.Reconnecting)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public async Task Reconnect_WithoutPositions_IsAGapInAllTopicsOnceTheJoinsAreInForce(bool before, bool after, bool isGap)
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options =>
        {
            options.Rooms.Add(Room);
            options.TimeProvider = time;
        });
        var peer = await ConnectAsync(before);
        await test.ReadStateAsync(DirectConnectionState.Connected);
        await peer.CloseAsync(4001);
        await test.ReadStateAsync(DirectConnectionState.Reconnecting);

        var again = await ConnectAsync(after);
        await again.SendAsync("7,1,0 x\nat first");
        var happened = new List<DirectEvent> { await test.ReadUntilAsync(_ => true), await test.ReadUntilAsync(_ => true) };
        Assert.Equal(isGap ? 1 : 0, time.ArmedTimers);
        time.Advance(TimeSpan.FromSeconds(1));
        await Deadline.UntilAsync("the gap is reported", () => time.ArmedTimers == 0);
        if (!isGap)
        {
            await again.SendAsync("7,1,0 y\nlater");
        }

        Assert.Equal(new DirectStateChange(DirectConnectionState.Connected), happened[0]);
        Assert.IsType<DirectMessage>(happened[1]);
        Assert.Equal(isGap, await test.ReadUntilAsync(_ => true) == new DirectGap(null));

        async Task<ScriptedPeer> ConnectAsync(bool direct2) => direct2 ? await test.Gateway.WelcomeAsync() : await test.Gateway.AcceptAsync(direct2: false);
    }

    [Fact]
    public async Task Say_OverTheLimitOfTheDialect_Fails()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        await test.Gateway.AcceptAsync(direct2: false);
        await test.Started;

        await test.Connection.SayAsync(Room, new string('x', 511), cancellationToken: Cancellation);
        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Connection.SayAsync(Room, new string('x', 512), cancellationToken: Cancellation));

        Assert.Equal(1009, exception.Status);
    }
}
