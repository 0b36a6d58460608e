using Direct.Client.Tests.Fakes;

namespace Direct.Client.Tests.Connections;

public sealed class CloseTests
{
    private static readonly DirectRoom Room = new(7, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1001)]
    [InlineData(1003)]
    [InlineData(1011)]
    [InlineData(4000)]
    [InlineData(4001)]
    [InlineData(4499)]
    public async Task Close_WithACodeThatAllowsIt_IsFollowedByAReconnect(int code)
    {
        await using var test = new ConnectionUnderTest();
        var peer = await test.Gateway.WelcomeAsync();

        await peer.CloseAsync(code, "because");

        await test.Gateway.WelcomeAsync();
        Assert.Equal(new DirectStateChange(DirectConnectionState.Reconnecting, code, "because"), await test.ReadStateAsync(DirectConnectionState.Reconnecting));
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(4500)]
    [InlineData(4501)]
    [InlineData(4999)]
    public async Task Close_WithACodeThatForbidsIt_EndsEverythingThatWaits(int code)
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;
        var joined = test.Connection.JoinAsync(new(7, 2), Cancellation);
        var said = test.Connection.SayAsync(Room, "hello", cancellationToken: Cancellation);

        await peer.CloseAsync(code, "because");

        await peer.ReceiveUntilCloseAsync();
        foreach (var waiting in new[] { joined, said, test.Connection.JoinAsync(new(7, 3), Cancellation) })
        {
            Assert.Equal((code, "because"), await Assert.ThrowsAsync<DirectException>(() => waiting) is var exception ? (exception.Status, exception.Detail) : default);
        }

        Assert.Equal(new DirectStateChange(DirectConnectionState.Closed, code, "because"), (await test.ReadToEndAsync())[^1]);
        Assert.Equal(DirectConnectionState.Closed, test.Connection.State);
    }

    [Fact]
    public async Task Start_RefusedForGood_Throws()
    {
        await using var test = new ConnectionUnderTest();
        var peer = await test.Gateway.AcceptAsync();

        await peer.CloseAsync(4501, "user blocked");

        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Started);
        Assert.Equal(4501, exception.Status);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal); // in the query of the address
    }

    [Fact]
    public async Task Start_WithAnErrorOfTheProgram_ThrowsAndReportsTheEnd()
    {
        await using var test = new ConnectionUnderTest(options => options.ConfigureWebSocket = _ => throw new InvalidOperationException("a bug"));

        Assert.Contains("a bug", (await Assert.ThrowsAsync<DirectException>(() => test.Started)).Message, StringComparison.Ordinal);
        Assert.Equal([new DirectStateChange(DirectConnectionState.Closed, null, "a bug")], await test.ReadToEndAsync());
    }

    [Fact]
    public void Options_WithoutAKeepAlivePeriod_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("KeepAliveInterval", () => new DirectConnection(new Uri("ws://localhost"), new() { KeepAliveInterval = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>("KeepAliveTimeout", () => new DirectConnection(new Uri("ws://localhost"), new() { KeepAliveTimeout = TimeSpan.FromSeconds(-1) }));
    }

    [Fact]
    public async Task Close_WhoseAnswerCannotBeSent_KeepsItsCode()
    {
        using var socket = new ClientSocket(new BrokenWebSocket(4501, "user blocked"), TimeProvider.System);

        Assert.Equal(new SessionEnd(4501, "user blocked"), await socket.AnswerCloseAsync(Cancellation));
    }

    [Fact]
    public async Task Start_WhileGatewaysRefuse_EndsWhenOneAccepts()
    {
        await using var test = new ConnectionUnderTest();
        await test.Gateway.RefuseAsync(503);
        (await test.Gateway.AcceptAsync()).Break();
        Assert.False(test.Started.IsCompleted);

        await test.Gateway.WelcomeAsync();

        await test.Started;
        Assert.Contains("503", ((DirectStateChange)await test.ReadStateAsync(DirectConnectionState.Reconnecting)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_OfAConnection_ClosesItAndEndsTheEvents()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("7,1,0 b1\nunread");
        await test.ReadStateAsync(DirectConnectionState.Connected);
        var said = test.Connection.SayAsync(Room, "hello", cancellationToken: Cancellation);

        var disposed = test.Connection.DisposeAsync().AsTask();
        Assert.Equal(1000, await peer.ReceiveCloseAsync());
        await peer.CloseAsync(1000);
        await disposed;

        Assert.Equal(DirectFailure.Disposed, (await Assert.ThrowsAsync<DirectException>(() => said)).Failure);
        Assert.Equal(DirectFailure.Disposed, (await Assert.ThrowsAsync<DirectException>(() => test.Connection.JoinAsync(Room, Cancellation))).Failure);
        Assert.Equal([new DirectMessage(Room.Part, "unread")], await test.ReadToEndAsync());
        Assert.Equal(DirectConnectionState.Closed, test.Connection.State);
    }

    [Fact]
    public async Task Dispose_BeforeAGatewayAnswers_EndsTheStart()
    {
        await using var test = new ConnectionUnderTest();
        await test.Gateway.AcceptAsync();

        await test.Connection.DisposeAsync();

        await Assert.ThrowsAsync<DirectException>(() => test.Started);
    }

    [Fact]
    public async Task Dispose_WithoutAStart_Ends()
    {
        await using var test = new ConnectionUnderTest(start: false);

        await test.Connection.DisposeAsync();

        await Assert.ThrowsAsync<DirectException>(() => test.Connection.StartAsync(Cancellation));
        Assert.Empty(await test.ReadToEndAsync());
    }

    [Theory]
    [InlineData("http://127.0.0.1/!direct")]
    [InlineData("/!direct")]
    public void Url_OfNoWebSocket_IsRefused(string url) => Assert.Throws<ArgumentException>(() => new DirectConnection(new Uri(url, UriKind.RelativeOrAbsolute)));
}
