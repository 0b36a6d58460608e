using Direct.Edge.Lifetime;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Lifetime;

public sealed class NodeFenceTests : IDisposable
{
    private readonly FakeRightsSource _rights = new() { Default = 3 };
    private readonly TestGateway _gateway;
    private readonly NodeFence _fence;

    public NodeFenceTests()
    {
        _gateway = new TestGateway { IsClustered = true, RightsSource = _rights };
        _fence = new NodeFence(Gate, _gateway.Registry, _gateway.TopicSubscriptions, _gateway.Rights);
    }

    private NodeGate Gate => _gateway.Gate;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void CloseAllAsync_Nobody_ShutsTheGateAndIsDone()
    {
        var closing = _fence.CloseAllAsync();

        Assert.Equal((true, false), (closing.IsCompletedSuccessfully, Gate.IsOpen));
    }

    /// <summary>
    /// Rechecks leave out a gateway without a lease: what it has looked up is out of date when it is back, also what it has looked up since it was fenced.
    /// </summary>
    [Fact]
    public async Task BeginLease_RightsAreRemembered_AreLookedUpAgain()
    {
        var client = await _gateway.JoinAsync(1, 2);
        var permit = await _gateway.Rights.FindForJoinAsync(new RightsKey(1, 1, 2));
        Assert.Single(_rights.Queries);
        await EndAllAsync(_fence.CloseAllAsync(), client);
        await _gateway.Rights.FindFreshAsync([new RightsKey(2, 1, 2)], CancellationToken.None);
        _rights.Default = 0;

        _fence.BeginLease();

        Assert.False((await _gateway.Rights.FindForJoinAsync(new RightsKey(2, 1, 2))).Answer.CanRead);
        Assert.False(permit.IsCurrent);
        Assert.False((await _gateway.Rights.FindForJoinAsync(new RightsKey(1, 1, 2))).Answer.CanRead);
    }

    [Fact]
    public async Task CloseAllAsync_SomeConnections_TellsEachToComeBack()
    {
        var clients = new[] { await _gateway.JoinAsync(1, 2), await _gateway.EnterAsync(), _gateway.Connect() };

        var closing = _fence.CloseAllAsync();

        Assert.All(
            clients,
            client => Assert.Equal((4008, true), (client.Transport.Close!.Value.Code, client.Connection.CloseReason!.MayReconnect)));
        await EndAllAsync(closing, clients);
    }

    /// <summary>
    /// Regression test: the close timeout was counted from the last tick before a suspension, and the next tick dropped the connection. The
    /// connections are closed here right after a suspension.
    /// </summary>
    [Fact]
    public async Task CloseAllAsync_SuspendedSinceTheLastTick_LeavesTimeForAnAnswer()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Clock.Suspend(TimeSpan.FromHours(1));

        var closing = _fence.CloseAllAsync();
        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((4008, 0), (client.Transport.Close!.Value.Code, client.Transport.Aborts));
        await EndAllAsync(closing, client);
    }

    /// <summary>
    /// Regression test: bytes that waited for a slow socket were sent when it had space again, even after the lease had ended. They may begin inside
    /// a frame, so without them no close frame can follow, and the connection is dropped.
    /// </summary>
    [Fact]
    public async Task CloseAllAsync_BytesWaitForASocket_DropsTheConnectionAndSendsNoneOfThem()
    {
        var transport = new FakeTransport { Room = 20 };
        var client = await _gateway.JoinAsync(1, 2, transport);
        _gateway.Signal(1, 2, 0, new string('x', 100));
        await Deadline.UntilAsync("the socket is full", () => transport.Sent.Length == 20);
        Gate.Fence();
        var closing = _fence.CloseAllAsync();

        transport.Open();

        Assert.Equal((20, 1), (transport.Sent.Length, transport.Aborts));
        await client.LoseAsync();
        await EndAllAsync(closing);
        Assert.Equal(CloseReason.GatewayFenced, client.Connection.CloseReason);
    }

    /// <summary>Tests a socket that becomes writable after a suspension, before the node has checked its lease.</summary>
    [Fact]
    public async Task OnWritable_SuspendedPastTheLease_DropsTheConnection()
    {
        Gate.LeaseUntil(_gateway.Clock.GetTimestamp() + TimeSpan.FromSeconds(15).Ticks);
        var transport = new FakeTransport { Room = 20 };
        var client = await _gateway.JoinAsync(1, 2, transport);
        _gateway.Signal(1, 2, 0, new string('x', 100));
        await Deadline.UntilAsync("the socket is full", () => transport.Sent.Length == 20);

        _gateway.Clock.Suspend(TimeSpan.FromMinutes(1));
        transport.Open();

        Assert.Equal((20, 1), (transport.Sent.Length, transport.Aborts));
        await client.LoseAsync();
        await client.EndedAsync();
    }

    /// <summary>Tests the close reason after a suspension. The read timeout has passed as well, and the wheel may run before the fence does.</summary>
    [Fact]
    public async Task OnDue_SuspendedPastTheLease_ClosesAsFenced()
    {
        Gate.LeaseUntil(_gateway.Clock.GetTimestamp() + TimeSpan.FromSeconds(15).Ticks);
        var client = await _gateway.JoinAsync(1, 2);

        _gateway.Clock.Suspend(TimeSpan.FromHours(1));
        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CloseReason.GatewayFenced, client.Connection.CloseReason);
        await client.CloseAsync();
    }

    [Fact]
    public async Task CloseAllAsync_SomeConnections_CompletesWhenTheLastHasEnded()
    {
        var clients = new[] { await _gateway.JoinAsync(1, 2), await _gateway.EnterAsync() };
        var closing = _fence.CloseAllAsync();

        await clients[0].CloseAsync();
        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(closing.IsCompleted);
        await EndAllAsync(closing, clients[1]);
    }

    [Fact]
    public async Task CloseAllAsync_Done_HoldsNoTopicAndTellsTheClusterNothing()
    {
        var client = await _gateway.JoinAsync(1, 2);

        await EndAllAsync(_fence.CloseAllAsync(), client);
        _gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, _gateway.TopicSubscriptions.Count);
        Assert.DoesNotContain(_gateway.Faulty.History, call => call[0] == '-');
    }

    // The cluster has removed the gateway, so its earlier subscriptions are void.
    [Fact]
    public async Task JoinAsync_AfterAFence_SubscribesAnew()
    {
        var client = await _gateway.JoinAsync(1, 0);
        await EndAllAsync(_fence.CloseAllAsync(), client);

        await _gateway.JoinAsync(1, 0);

        Assert.Equal(2, _gateway.Faulty.History.Count(call => call == "+group/1"));
    }

    [Fact]
    public async Task CloseAllAsync_JoinPending_EndsItWithoutASubscriptionLeft()
    {
        var client = await _gateway.EnterAsync();
        _gateway.Faulty.IsHeld = true;
        var joining = client.JoinAsync(3, 0);
        var call = await _gateway.Faulty.NextCallAsync("the group");

        var closing = _fence.CloseAllAsync();
        await Deadline.RunAsync("the join's end", token => new ValueTask(joining.WaitAsync(token)));
        await EndAllAsync(closing, client);
        call.Succeed();

        Assert.Equal((CloseReason.GatewayFenced, 0), (client.Connection.CloseReason, _gateway.TopicSubscriptions.Count));
    }

    // A lane may stay full while the cluster is unreachable, which is also when gateways are fenced.
    [Fact]
    public async Task CloseAllAsync_BroadcastThatWaitsForRoom_DoesNotWaitForIt()
    {
        var client = await _gateway.JoinAsync(1, 2);
        _gateway.Faulty.OnReady = _ => new ValueTask(new TaskCompletionSource().Task);
        var sending = client.SendAsync(ClientFrame.Text(":first"), ClientFrame.Close(4008));
        Assert.Equal("first", await client.Transport.TextAsync());
        Assert.False(sending.IsCompleted);

        var closing = _fence.CloseAllAsync();

        await Deadline.RunAsync("the end of the wait", token => new ValueTask(sending.WaitAsync(token)));
        await EndAllAsync(closing, client);
        Assert.Equal((CloseReason.GatewayFenced, 0), (client.Connection.CloseReason, _gateway.TopicSubscriptions.Count));
    }

    private static async Task EndAllAsync(Task closing, params InMemoryClient[] clients)
    {
        foreach (var client in clients)
        {
            await client.LoseAsync();
        }

        await Deadline.RunAsync("the fence", token => new ValueTask(closing.WaitAsync(token)));
    }
}
