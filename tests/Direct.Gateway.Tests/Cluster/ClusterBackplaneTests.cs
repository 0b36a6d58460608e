using System.Collections.Concurrent;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterBackplaneTests : IAsyncDisposable
{
    private static readonly Topic Room = Topic.Room(5, 7);

    private readonly GatewayLeaseFixture _gateway = new();
    private readonly ClusterBackplane _backplane;

    public ClusterBackplaneTests()
    {
        _gateway.BackplaneOptions.MaxSubscribeCalls = 10;
        _backplane = new ClusterBackplane(
            _gateway.Grains, _gateway.Wanted, _gateway.Lease, _gateway.Promises, Options.Create(_gateway.BackplaneOptions), _gateway.Queues, _gateway.Metrics, _gateway.Time,
            NullLogger<ClusterBackplane>.Instance);
    }

    [Fact]
    public async Task Subscribe_Registered_TellsTheLane()
    {
        await _gateway.StartAndRegisterAsync();

        await _backplane.SubscribeAsync(Room, CancellationToken.None);

        var (what, topic, gateway, number) = Assert.Single(_gateway.Grains.Lane(Lane.Of(Room.ToKey())).Subscriptions);
        Assert.Equal(("subscribe", Room.ToKey(), _gateway.Lease.Id), (what, topic, gateway));
        Assert.Equal((true, number), _gateway.Wanted.Get(Room.ToKey()));
    }

    [Fact]
    public async Task Subscribe_NotRegistered_IsRefused()
    {
        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.SubscribeAsync(Room, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task Subscribe_SiloIsFenced_IsRefused()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Grains.Lane(Lane.Of(Room.ToKey())).OnSubscribe = static _ => Task.FromResult(false);

        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.SubscribeAsync(Room, CancellationToken.None).AsTask());
    }

    /// <summary>Tests that a gateway reports a topic as wanted while its subscribe is under way. Otherwise the silo would remove the subscription again.</summary>
    [Fact]
    public async Task Subscribe_UnderWay_IsWantedAlready()
    {
        await _gateway.StartAndRegisterAsync();
        var isWanted = false;
        _gateway.Grains.Lane(Lane.Of(Room.ToKey())).OnSubscribe = topic =>
        {
            isWanted = _gateway.Wanted.Get(topic).IsWanted;
            return Task.FromResult(true);
        };

        await _backplane.SubscribeAsync(Room, CancellationToken.None);

        Assert.True(isWanted);
    }

    [Fact]
    public async Task Unsubscribe_Subscribed_TellsTheLaneWithAHigherNumber()
    {
        await _gateway.StartAndRegisterAsync();
        await _backplane.SubscribeAsync(Room, CancellationToken.None);

        await _backplane.UnsubscribeAsync(Room, CancellationToken.None);

        var calls = _gateway.Grains.Lane(Lane.Of(Room.ToKey())).Subscriptions;
        Assert.Equal(["subscribe", "unsubscribe"], calls.Select(call => call.What));
        Assert.True(calls[1].Number > calls[0].Number);
        Assert.False(_gateway.Wanted.Get(Room.ToKey()).IsWanted);
    }

    /// <summary>Tests an unsubscribe that is lost with its silo. Nothing else would tell the next one that this gateway does not keep a quiet topic any more.</summary>
    [Fact]
    public async Task Unsubscribe_ThatFails_IsRepeatedWithItsNumber()
    {
        await _gateway.StartAndRegisterAsync();
        await _backplane.SubscribeAsync(Room, CancellationToken.None);
        var lane = _gateway.Grains.Lane(Lane.Of(Room.ToKey()));
        lane.LostUnsubscribes = 2;

        await Assert.ThrowsAsync<TimeoutException>(() => _backplane.UnsubscribeAsync(Room, CancellationToken.None).AsTask());
        await _backplane.SubscribeAsync(Room, CancellationToken.None);

        await Deadline.UntilAsync("the third try", () =>
        {
            _gateway.Time.Advance(GatewayLeaseFixture.Step);
            return lane.Subscriptions.Count(static call => call.What == "unsubscribe") == 3;
        });
        Assert.Single(lane.Subscriptions.Where(static call => call.What == "unsubscribe").Select(static call => call.Number).Distinct());
        Assert.True(_gateway.Wanted.Get(Room.ToKey()).IsWanted);
    }

    [Fact]
    public async Task Unsubscribe_NotRegisteredAnyMore_IsNoError()
    {
        await _backplane.UnsubscribeAsync(Room, CancellationToken.None);

        Assert.Empty(_gateway.Grains.Lane(Lane.Of(Room.ToKey())).Subscriptions);
    }

    [Fact]
    public async Task Subscribe_Storm_HasOnlySoManyCallsUnderWay()
    {
        await _gateway.StartAndRegisterAsync();
        var (underWay, most) = (0, 0);
        var release = new TaskCompletionSource();
        foreach (var partition in Enumerable.Range(0, 100))
        {
            _gateway.Grains.Lane(new Lane(TopicScope.User, partition, 0)).OnSubscribe = async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref underWay));
                await release.Task;
                Interlocked.Decrement(ref underWay);
                return true;
            };
        }

        var subscribing = Enumerable.Range(0, 100).Select(user => _backplane.SubscribeAsync(Topic.User(user), CancellationToken.None).AsTask()).ToArray();
        release.SetResult();
        await Task.WhenAll(subscribing).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(10, most);
    }

    [Fact]
    public async Task Publish_PastTheFence_IsNotAccepted()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Registry.OnRenew = static _ => new TaskCompletionSource<RenewAnswer>().Task;
        _gateway.Fence.Closed = new TaskCompletionSource().Task;
        _gateway.Time.Advance(_gateway.BackplaneOptions.FenceAfter + TimeSpan.FromTicks(1));

        var placement = Publish(Room, "hello");

        Assert.Null(placement.Pending);
        Assert.Equal(ReceiptStatus.NotAccepted, placement.Receipt.Status);
    }

    [Fact]
    public async Task Publish_Lanes_DoNotWaitForEachOther()
    {
        await _gateway.StartAndRegisterAsync();
        Publish(Room, "stuck");
        await _gateway.Grains.Lane(Lane.Of(Room.ToKey())).PublishAsync(1);

        var other = Publish(Topic.Group(9), "hello");
        (await _gateway.Grains.Lane(Lane.Of(Topic.Group(9).ToKey())).PublishAsync(1)).Accept();

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 1, 1), await ReceiptAsync(other));
    }

    [Fact]
    public async Task Publish_BroadcastHasNobodyToTell_HasNoReceipt()
    {
        await _gateway.StartAndRegisterAsync();

        var placement = _backplane.Publish(new Signal(Room, new Target(5, 7, 0), "hello"u8.ToArray(), NeedsReceipt: false));

        Assert.Null(placement.Pending);
        await _gateway.Grains.Lane(Lane.Of(Room.ToKey())).PublishAsync(1);
    }

    [Fact]
    public async Task ReadyAsync_LaneIsFull_OtherLanesAreReady()
    {
        await _gateway.StartAndRegisterAsync();
        Publish(Room, new string('x', _gateway.BackplaneOptions.MaxLaneBytes));

        Assert.False(_backplane.ReadyAsync(Room, CancellationToken.None).AsTask().IsCompleted);
        Assert.True(_backplane.ReadyAsync(Topic.Group(5), CancellationToken.None).AsTask().IsCompleted);
    }

    /// <summary>
    /// Tests publishing while outboxes retire. An outbox retires as soon as it is empty, and a publisher may use it at that moment. No signal may be
    /// lost, and the signals of one thread must keep their order across outboxes.
    /// </summary>
    [Fact]
    public async Task Publish_WhileOutboxesRetire_LosesNothingAndKeepsTheOrder()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Grains.LanesAcceptAtOnce = true;
        var receipts = new ConcurrentBag<Task<Receipt>>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                receipts.Add(ReceiptAsync(Publish(Room, $"{publisher}:{i:000}")));
                if (i % 7 == 0)
                {
                    await Task.WhenAll(receipts);
                }
            }
        })));
        await Task.WhenAll(receipts);
        await Deadline.UntilAsync("every outbox retires", () => _backplane.BusyLanes == 0);

        var signals = _gateway.Grains.Lane(Lane.Of(Room.ToKey())).Publishes.SelectMany(call => call.Batch.Signals).ToList();
        Assert.Equal(signals.Select(signal => signal.Sequence).Order(), signals.Select(signal => signal.Sequence));
        foreach (var texts in signals.Select(signal => Encoding.UTF8.GetString(signal.Payload)).GroupBy(text => text[0]))
        {
            Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{texts.Key}:{i:000}"), texts);
        }
    }

    [Fact]
    public async Task Flush_SomethingUnacknowledged_WaitsForIt()
    {
        await _gateway.StartAndRegisterAsync();
        Publish(Room, "hello");
        var call = await _gateway.Grains.Lane(Lane.Of(Room.ToKey())).PublishAsync(1);
        var flushing = new OutboxFlush(_backplane, _gateway.Time).StopAsync(CancellationToken.None);
        await _gateway.RunAsync(TimeSpan.FromMilliseconds(300), timers: 3);
        Assert.False(flushing.IsCompleted);

        call.Accept();
        await Deadline.UntilAsync("the outbox retires", () => _backplane.BusyLanes == 0);
        await _gateway.RunAsync(TimeSpan.FromMilliseconds(200), timers: 2, until: () => flushing.IsCompleted);

        await flushing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Flush_NeverAcknowledged_GivesUpAfterFiveSeconds()
    {
        await _gateway.StartAndRegisterAsync();
        Publish(Room, "hello");
        var flushing = new OutboxFlush(_backplane, _gateway.Time).StopAsync(CancellationToken.None);

        await _gateway.RunAsync(TimeSpan.FromSeconds(6), timers: 3, until: () => flushing.IsCompleted);

        await flushing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _backplane.Dispose();
        await _gateway.DisposeAsync();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
        }
    }

    private static Task<Receipt> ReceiptAsync(PublishResult placement) =>
        Deadline.RunAsync("a receipt", token => new ValueTask<Receipt>(placement.Pending!.Completion.WaitAsync(token)));

    private PublishResult Publish(Topic topic, string text) => _backplane.Publish(new Signal(topic, default, Encoding.UTF8.GetBytes(text)));
}
