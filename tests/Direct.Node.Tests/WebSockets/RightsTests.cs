using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

/// <summary>Tests rights of a real process, in both dialects. Users are 1, 2, 3 … in the order in which they come.</summary>
public sealed class RightsTests : IAsyncLifetime
{
    private readonly RightsBackend _backend = new() { Default = 3 };
    private NodeProcess _node = null!;

    public async ValueTask InitializeAsync() => _node = await StartAsync(_backend);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Original_WithoutRights_IsRefusedOrUnheard()
    {
        await using var speaker = await EnterAsync();
        await using var listener = await EnterAsync();
        _backend.Masks[(2, 7, 1)] = 1;
        _backend.Masks[(2, 8, 1)] = 2;
        await speaker.JoinAsync(7, 1);
        await listener.JoinAsync(7, 1);

        await listener.BroadcastAsync("unheard");
        await listener.SyncAsync();
        await speaker.BroadcastAsync("heard");

        Assert.Equal("heard", await listener.ReceiveTextAsync());
        await listener.SendTextAsync("8,1");
        var close = await listener.ReceiveCloseAsync();
        Assert.Equal((4502, "not allowed in this room"), (close.Code, close.Reason));
        Assert.All(_backend.Calls, call => Assert.Equal("hush-hush", call.Secret));
        Assert.DoesNotContain(_backend.Calls, call => call.Body.Contains("token", StringComparison.Ordinal));
    }

    // A connection outside every room says nothing to others, unless that is set.
    [Fact]
    public async Task Original_Unjoined_IsHeardByNobody()
    {
        await using var one = await EnterAsync();
        await using var two = await EnterAsync();

        await one.BroadcastAsync("hello");
        await one.SyncAsync();
        await two.SyncAsync();
        await _node.SignalAsync("0,0,0", "all");

        Assert.Equal(("all", "all"), (await one.ReceiveTextAsync(), await two.ReceiveTextAsync()));
    }

    [Fact]
    public async Task Original_RightWithdrawn_IsClosedAndReceivesNothingMore()
    {
        await using var client = await EnterAsync();
        await client.JoinAsync(7, 1);

        _backend.Default = 0;

        Assert.Equal(4502, (await client.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Direct2_WithoutRights_IsToldSo()
    {
        _backend.Masks[(1, 7, 1)] = 1;
        _backend.Masks[(1, 7, 2)] = 0;
        await using var client = await ProtocolClient.ConnectAsync(_node.Port, HandshakeOptions.Direct2);

        await client.SendTextAsync("auth token\njoin 7,1 #a\njoin 7,2 #b\nsay 7,1 #c\nhello");
        var answers = await client.ReceiveTextsUntilAsync("error #c 4502 say 7,1 not allowed in this room");

        Assert.Contains("joined 7,1 #a", answers);
        Assert.Contains("error #b 4502 join 7,2 not allowed in this room", answers);
        _backend.Masks[(1, 7, 1)] = 0;
        await client.ReceiveTextsUntilAsync("left 7,1 4502 not allowed in this room");
        Assert.Equal(0, (await _node.SignalAsync("7,1,0", "secret")).Delivered);
        await _node.SignalAsync("0,0,1", "to the user");
        Assert.EndsWith("to the user", await client.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackendThatFails_LetsNobodyInAndRemovesNobody()
    {
        await using var client = await EnterAsync();
        await client.JoinAsync(7, 1);
        await client.SyncAsync();

        await _backend.StopAsync();
        await ReadyAsync("degraded: rights");
        await using var late = await EnterAsync();
        await late.SendTextAsync("7,1");

        var close = await late.ReceiveCloseAsync();
        Assert.Equal((4014, "rights cannot be checked now, connect again"), (close.Code, close.Reason));
        Assert.Equal(1, (await _node.SignalAsync("7,1,0", "still here")).Delivered);
        Assert.Equal("still here", await client.ReceiveTextAsync());
        _backend.Start();
        await ReadyAsync("ready");
        await client.BroadcastAsync("again");
        Assert.Equal("again", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task BackendThatIsDownAtTheStart_IsUsedOnceItIsThere()
    {
        await using var backend = new RightsBackend(isDown: true) { Default = 3 };
        await using var node = await StartAsync(backend);
        await using var direct2 = await ProtocolClient.ConnectAsync(node.Port, HandshakeOptions.Direct2);
        await direct2.SendTextAsync("auth token\njoin 7,1 #a");
        await direct2.ReceiveTextsUntilAsync("error #a 4014 join 7,1 rights cannot be checked now, try again later");

        backend.Start();

        await Deadline.UntilAsync("the join succeeds", async () =>
        {
            await direct2.SendTextAsync("join 7,1 #b");
            string answer;
            do
            {
                answer = await direct2.ReceiveTextAsync();
            }
            while (!answer.Contains("#b", StringComparison.Ordinal));

            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
            return answer == "joined 7,1 #b";
        });
    }

    // After each 'left', nothing of the room arrives until the next 'joined', although rights and messages change all the time.
    [Fact]
    public async Task Direct2_RightsThatChangeAllTheTime_AreFollowed()
    {
        await ReadyAsync("ready");
        await using var client = await ProtocolClient.ConnectAsync(_node.Port, HandshakeOptions.Direct2);
        await client.SendTextAsync("auth token\njoin 7,1 #1");
        await client.ReceiveTextsUntilAsync("joined 7,1 #1");

        for (var round = 2; round <= 6; round++)
        {
            _backend.Default = 0;
            await client.ReceiveTextsUntilAsync("left 7,1 4502 not allowed in this room");
            Assert.Equal(0, (await _node.SignalAsync("7,1,0", "secret")).Delivered);
            await client.SendTextAsync($"join 7,1 #{round}\nsay 7,1 #s{round}\nhello");
            Assert.Equal($"error #{round} 4502 join 7,1 not allowed in this room", await client.ReceiveTextAsync());
            Assert.Equal($"error #s{round} 4504 say 7,1 the room is not joined", await client.ReceiveTextAsync());

            _backend.Default = 3;
            await client.SendTextAsync($"join 7,1 #j{round}");
            await client.ReceiveTextsUntilAsync($"joined 7,1 #j{round}");
            Assert.Equal(1, (await _node.SignalAsync("7,1,0", "welcome back")).Delivered);
            Assert.EndsWith("welcome back", await client.ReceiveTextAsync(), StringComparison.Ordinal);
        }
    }

    private static Task<NodeProcess> StartAsync(RightsBackend backend) => NodeProcess.StartAsync(
    [
        .. backend.Settings, "Direct:Connections:Direct2=true", "Direct:Rights:RecheckInterval=00:00:00.2", "Direct:Rights:CacheFor=00:00:00",
        "Direct:Rights:Timeout=00:00:03",
    ]);

    private Task<ProtocolClient> EnterAsync() => ProtocolClient.ConnectWithTokenAsync(_node.Port);

    private Task ReadyAsync(string text) => Deadline.UntilAsync(text, async () =>
        (await _node.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken)).Trim() == text);
}
