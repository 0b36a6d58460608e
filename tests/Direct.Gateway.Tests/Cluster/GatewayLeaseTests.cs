using Direct.Edge.Backplane;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Testing;
using Direct.Testing.Time;
using Microsoft.AspNetCore.Connections;

namespace Direct.Gateway.Tests.Cluster;

public sealed class GatewayLeaseTests : IAsyncDisposable
{
    private static readonly TopicKey Room = new(TopicScope.Room, 5, 7);

    private readonly GatewayLeaseFixture _gateway = new();
    private readonly TaskCompletionSource<bool> _neverRegistered = new();
    private readonly TaskCompletionSource<RenewAnswer> _neverRenewed = new();

    private FakeRegistry Registry => _gateway.Registry;

    private TimeSpan FenceAfter => _gateway.BackplaneOptions.FenceAfter;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    // Regression test: .NET runs the loop of a background service on another thread. On a busy machine it began after the node had said that it is ready,
    // and only then shut the gate, so that clients were refused.
    [Fact]
    public async Task Start_LoopMayNotRunYet_LetsNobodyIn()
    {
        Registry.OnRegister = _ => _neverRegistered.Task;

        await _gateway.StartAsync();

        Assert.False(_gateway.Gate.IsOpen);
    }

    [Fact]
    public async Task Start_NotRegisteredYet_LetsNobodyIn()
    {
        Registry.OnRegister = _ => _neverRegistered.Task;

        await _gateway.StartAsync();
        await Deadline.UntilAsync("it registers", () => Registry.Registered.Count == 1);

        Assert.False(_gateway.Gate.IsOpen);
        Assert.Null(_gateway.Lease.Id);
    }

    [Fact]
    public async Task Start_Registered_LetsPeopleIn()
    {
        await _gateway.StartAndRegisterAsync();

        var entry = Assert.Single(Registry.Registered);
        Assert.Equal(entry.Id, _gateway.Lease.Id);
        Assert.EndsWith(":18085", entry.Name, StringComparison.Ordinal);
        Assert.Equal(2, entry.Observers.Length);
        Assert.False(_gateway.Lease.IsFenced);
        Assert.Equal([false], _gateway.Fence.Leases);
    }

    [Fact]
    public async Task Start_Registered_ASiloOfThisProcessFindsItsObserversUntilItIsFenced()
    {
        await _gateway.StartAndRegisterAsync();
        var id = Assert.Single(Registry.Registered).Id;
        Assert.Equal(2, _gateway.Local.Find(id)?.Length);

        Registry.OnRenew = _ => _neverRenewed.Task;
        Registry.OnRegister = _ => _neverRegistered.Task;
        await _gateway.RunAsync(FenceAfter + TimeSpan.FromMilliseconds(300), timers: 1, until: () => _gateway.Fence.Calls > 0);

        await Deadline.UntilAsync("its observers are gone", () => _gateway.Local.Find(id) is null);
    }

    /// <summary>
    /// Tests deliveries to the observers of an earlier lease. A fenced gateway cannot always unregister, so silos may keep its observers until that
    /// lease expires.
    /// </summary>
    [Fact]
    public async Task Deliver_ToObserversOfAnEarlierLease_IsNotTaken()
    {
        await _gateway.StartAndRegisterAsync();
        var before = Assert.Single(Registry.Registered).Observers[0];
        Registry.OnRenew = _ => Task.FromResult(Registry.Renewed.Count == 1 ? RenewAnswer.Unknown : RenewAnswer.Renewed);
        await _gateway.RunAsync(TimeSpan.FromSeconds(3), timers: 1, until: () => Registry.Registered.Count == 2);
        await _gateway.RegisteredAsync();

        Assert.Null(await before.DeliverAsync([Batch()]));
        Assert.NotNull(await Registry.Registered[^1].Observers[0].DeliverAsync([Batch()]));
    }

    /// <summary>The gateway is not fenced then, and wants no topic: an answer would end the logs that only it has kept.</summary>
    [Fact]
    public async Task Deliver_ToObserversOfAnEarlierLeaseBeforeTheNextOne_IsNotTaken()
    {
        await _gateway.StartAndRegisterAsync();
        var before = Assert.Single(Registry.Registered);
        Registry.OnRenew = _ => _neverRenewed.Task;
        Registry.OnRegister = _ => _neverRegistered.Task;
        await _gateway.RunAsync(FenceAfter + TimeSpan.FromMilliseconds(300), timers: 1, until: () => _gateway.Fence.Calls > 0);
        await Deadline.UntilAsync("the lease has ended", () => !_gateway.Lease.IsFenced && _gateway.Local.Find(before.Id) is null);

        Assert.Null(await before.Observers[0].DeliverAsync([Batch()]));
        Assert.Null(await before.Observers[0].RecoverAsync([]));
        Assert.Empty(_gateway.Sink.Received);
    }

    // In docs/internals/resume.md: 27.
    [Fact]
    public async Task Deliver_OfAMessageWithAHoleBeforeIt_IsAcknowledgedWhenItIsVisible()
    {
        await _gateway.StartAndRegisterAsync();
        var change = new TaskCompletionSource();
        _gateway.Sink.Follows = true;
        _gateway.Sink.OnStamped = _ => new StampedDelivery(
            new Delivery(ReceiptStatus.Delivered, 1), change.Task.IsCompleted ? 2 : 0, change.Task.IsCompleted ? null : change.Task);

        var delivering = _gateway.Observers[0].DeliverAsync([Batch() with { Stamps = [new LogPosition(1, 9)] }]);
        Assert.False(delivering.IsCompleted);
        change.SetResult();

        Assert.Equal(3, Assert.Single((await delivering)!).Connections);
    }

    [Fact]
    public async Task Deliver_OfAMessageThatStaysHidden_IsNotAcknowledged()
    {
        await _gateway.StartAndRegisterAsync();
        var never = new TaskCompletionSource();
        _gateway.Sink.Follows = true;
        _gateway.Sink.OnStamped = _ => new StampedDelivery(new Delivery(ReceiptStatus.Delivered, 1), 0, never.Task);

        var delivering = _gateway.Observers[0].DeliverAsync([Batch() with { Stamps = [new LogPosition(1, 9)] }]);
        await _gateway.RunAsync(TimeSpan.FromSeconds(1), timers: 3, until: () => delivering.IsCompleted);

        Assert.Null(await delivering);
    }

    [Fact]
    public async Task Start_NameIsConfigured_RegistersUnderIt()
    {
        _gateway.BackplaneOptions.Name = "east-1";

        await _gateway.StartAndRegisterAsync();

        Assert.Equal("east-1", Assert.Single(Registry.Registered).Name);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("fails")]
    [InlineData("never answered")]
    public async Task Register_NotGranted_IsTriedAgainUnderTheSameId(string outcome)
    {
        Registry.OnRegister = _ => Registry.Registered.Count > 3 ? Task.FromResult(true) : outcome switch
        {
            "refused" => Task.FromResult(false),
            "fails" => Task.FromException<bool>(new TimeoutException("as the test says")),
            _ => _neverRegistered.Task,
        };
        await _gateway.StartAsync();

        await _gateway.RunAsync(TimeSpan.FromSeconds(30), timers: 1, until: () => _gateway.Lease.Id is not null);
        await _gateway.RegisteredAsync();

        Assert.Equal(4, Registry.Registered.Count);
        Assert.Single(Registry.Registered.Select(entry => entry.Id).Distinct());
        Assert.Equal(2, _gateway.Grains.References.Count);
    }

    // Regression test: after a network partition a connection to a silo may stay open on this side only, for up to a quarter of an hour. Orleans sent
    // every registration over that connection, so the gateway did not return. Here registrations stay unanswered, and the connections must be closed.
    [Theory]
    [InlineData("never answered", true)]
    [InlineData("refused", false)]
    public async Task Register_NotAnswered_EndsTheConnectionsToSilos(string outcome, bool ends)
    {
        Registry.OnRegister = _ => Registry.Registered.Count > 1 ? Task.FromResult(true) : outcome == "refused" ? Task.FromResult(false) : _neverRegistered.Task;
        var connection = new DefaultConnectionContext();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(() => closed.TrySetResult());
        var running = _gateway.Connections.Track(_ => closed.Task)(connection);
        await _gateway.StartAsync();

        await _gateway.RunAsync(TimeSpan.FromSeconds(30), timers: 1, until: () => _gateway.Lease.Id is not null);
        await _gateway.RegisteredAsync();

        if (!ends)
        {
            Assert.False(connection.ConnectionClosed.IsCancellationRequested);
            closed.SetResult();
        }

        await Deadline.RunAsync("the connection ends", async token => await running.WaitAsync(token));
    }

    [Fact]
    public async Task Register_Always_SaysWhenItFences()
    {
        _gateway.BackplaneOptions.FenceAfter = TimeSpan.FromSeconds(17);

        await _gateway.StartAndRegisterAsync();

        Assert.Equal(TimeSpan.FromSeconds(17), Assert.Single(Registry.Registered).FenceAfter);
    }

    [Fact]
    public async Task Register_Refused_SaysWhyOnceAMinuteAndTriesAgain()
    {
        const string Refusal = "FenceAfter is too long";
        var isRefused = true;
        Registry.OnRegister = _ => Task.FromResult(!isRefused);
        Registry.OnRefusal = static _ => Task.FromResult<string?>(Refusal);
        await _gateway.StartAsync();

        await _gateway.RunAsync(TimeSpan.FromSeconds(50), timers: 1);

        Assert.Equal((false, Refusal), (_gateway.Gate.IsOpen, _gateway.Gate.NotReadyReason));
        Assert.Equal($"Error: The cluster refuses this gateway, which admits no connection and tries again: {Refusal}", Assert.Single(_gateway.Log.Entries));
        await _gateway.RunAsync(TimeSpan.FromSeconds(20), timers: 1);
        Assert.Equal(2, _gateway.Log.Entries.Count);

        isRefused = false;
        await _gateway.RunAsync(TimeSpan.FromSeconds(5), timers: 1, until: () => _gateway.Lease.Id is not null);
        await _gateway.RegisteredAsync();
        Assert.Null(_gateway.Gate.NotReadyReason);
    }

    /// <summary>Tests a registry of 0.1.0, which does not support the query for the reason of a refusal.</summary>
    [Fact]
    public async Task Register_NotReadyAndNobodySaysWhy_IsTriedAgain()
    {
        Registry.OnRegister = _ => Task.FromResult(Registry.Registered.Count > 3);
        Registry.OnRefusal = static _ => Task.FromException<string?>(new InvalidOperationException("no such method"));
        await _gateway.StartAsync();

        await _gateway.RunAsync(TimeSpan.FromSeconds(10), timers: 1, until: () => _gateway.Lease.Id is not null);

        await _gateway.RegisteredAsync();
    }

    [Fact]
    public async Task Hold_LeaseIsHeld_IsRenewedEveryInterval()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Lease.HighestTestId = 300;

        await _gateway.RunAsync(TimeSpan.FromSeconds(61));

        Assert.InRange(Registry.Renewed.Count, 29, 30);
        Assert.All(Registry.Renewed, renewal => Assert.Equal((_gateway.Lease.Id!.Value, 300L), renewal));
        Assert.Equal(0, _gateway.Fence.Calls);
    }

    [Fact]
    public async Task Hold_SomeRenewalsFail_GoesOn()
    {
        await _gateway.StartAndRegisterAsync();
        Registry.OnRenew = _ => Registry.Renewed.Count % 4 == 0
            ? Task.FromResult(RenewAnswer.Renewed)
            : Registry.Renewed.Count % 4 == 1 ? _neverRenewed.Task : Task.FromException<RenewAnswer>(new TimeoutException("as the test says"));

        await _gateway.RunAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, _gateway.Fence.Calls);
        Assert.True(_gateway.Gate.IsOpen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hold_NoRenewalIsAnswered_FencesAfterItsTime(bool fails)
    {
        await _gateway.StartAndRegisterAsync();
        Registry.OnRenew = _ => fails ? Task.FromException<RenewAnswer>(new TimeoutException("as the test says")) : _neverRenewed.Task;
        Registry.OnRegister = _ => _neverRegistered.Task;
        await _gateway.RunAsync(FenceAfter);
        Assert.Equal(0, _gateway.Fence.Calls);

        await _gateway.RunAsync(TimeSpan.FromMilliseconds(300), timers: 1, until: () => _gateway.Fence.Calls > 0);

        await Deadline.UntilAsync("it is fenced", () => _gateway.Fence.Calls == 1);
        Assert.False(_gateway.Gate.IsOpen);
        Assert.Null(_gateway.Lease.Id);
    }

    [Fact]
    public async Task Hold_RenewalTakesItsTime_CountsFromItsStart()
    {
        await _gateway.StartAndRegisterAsync();
        var first = new TaskCompletionSource<RenewAnswer>();
        Registry.OnRenew = _ => Registry.Renewed.Count == 1 ? first.Task : _neverRenewed.Task;
        await _gateway.RunAsync(TimeSpan.FromSeconds(2.8));
        first.SetResult(RenewAnswer.Renewed);
        await _gateway.RunAsync(FenceAfter - TimeSpan.FromSeconds(0.8)); // up to the end of the lease, which counts from two seconds after the start
        Assert.False(_gateway.Lease.IsFenced);

        _gateway.Time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(_gateway.Lease.IsFenced || _gateway.Fence.Calls > 0);
    }

    [Fact]
    public async Task Hold_RenewalIsAnsweredAfterTheFence_DoesNotCount()
    {
        await _gateway.StartAndRegisterAsync();
        var late = new TaskCompletionSource<RenewAnswer>();
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        var start = _gateway.Time.GetTimestamp();
        Registry.OnRenew = _ => _gateway.Time.GetElapsedTime(start) > FenceAfter - TimeSpan.FromSeconds(0.5)
            ? late.Task
            : Task.FromException<RenewAnswer>(new TimeoutException("as the test says"));
        await _gateway.RunAsync(FenceAfter + TimeSpan.FromMilliseconds(200), timers: 1, until: () => _gateway.Fence.Calls > 0);
        await Deadline.UntilAsync("it is fenced", () => _gateway.Fence.Calls == 1);

        late.SetResult(RenewAnswer.Renewed);

        Assert.True(_gateway.Lease.IsFenced);
        Assert.Null(_gateway.Lease.Id);
        closed.SetResult();
        await _gateway.RegisteredAsync();
        Assert.Equal(2, Registry.Registered.Select(entry => entry.Id).Distinct().Count());
    }

    [Fact]
    public async Task Hold_Unknown_FencesAndStartsOverUnderAnotherId()
    {
        await _gateway.StartAndRegisterAsync();
        Registry.OnRenew = _ => Task.FromResult(Registry.Renewed.Count == 1 ? RenewAnswer.Unknown : RenewAnswer.Renewed);
        var before = _gateway.Lease.Id;

        await _gateway.RunAsync(TimeSpan.FromSeconds(3), timers: 1, until: () => Registry.Registered.Count == 2);
        await _gateway.RegisteredAsync();

        Assert.Equal(1, _gateway.Fence.Calls);
        Assert.NotEqual(before, _gateway.Lease.Id);
        Assert.Equal(2, _gateway.Grains.References.Count);
    }

    [Fact]
    public async Task Fence_ConnectionsAreStillClosing_DoesNotRegister()
    {
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        await LoseLeaseAsync();

        Assert.Single(Registry.Registered);
        Assert.True(_gateway.Lease.IsFenced);

        closed.SetResult();
        await _gateway.RegisteredAsync();
        Assert.False(_gateway.Lease.IsFenced);
    }

    [Fact]
    public async Task Fence_WantedTopics_AreForgotten()
    {
        _gateway.Wanted.Want(Room);
        await LoseLeaseAsync();
        await _gateway.RegisteredAsync();

        Assert.Equal(0, _gateway.Wanted.Count);
    }

    /// <summary>Tests a delivery right after a freeze. A process that continues may run a delivery before any timer.</summary>
    [Fact]
    public async Task Deliver_WakesUpPastTheFence_TakesNothing()
    {
        await _gateway.StartAndRegisterAsync();
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        Registry.OnRenew = _ => _neverRenewed.Task;
        var observer = _gateway.Observers[0];
        await Deadline.UntilAsync("its loops wait", () => _gateway.Time.ArmedTimers >= 2);
        _gateway.Time.Advance(FenceAfter + TimeSpan.FromTicks(1));

        var answers = await observer.DeliverAsync([Batch()]);

        Assert.Null(answers);
        Assert.Empty(_gateway.Sink.Received);
        closed.SetResult();
    }

    /// <summary>Tests a suspended machine. Its clock continues and its timers do not, so no timer reports the end of the lease after it wakes up.</summary>
    [Fact]
    public async Task Suspended_PastTheLease_WakesUpFenced()
    {
        await _gateway.StartAndRegisterAsync();
        await Deadline.UntilAsync("its loops wait", () => _gateway.Time.ArmedTimers >= 2);
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;

        _gateway.Time.Suspend(TimeSpan.FromHours(1));

        Assert.Equal((true, false, null), (_gateway.Lease.IsFenced, _gateway.Gate.IsOpen, _gateway.Lease.Id));
        Assert.Null(await _gateway.Observers[0].DeliverAsync([Batch()]));
        Assert.Empty(_gateway.Sink.Received);
        await _gateway.RunAsync(TimeSpan.FromSeconds(1), until: () => _gateway.Fence.Calls == 1);
        Assert.Equal(1, _gateway.Fence.Calls);
        closed.SetResult();
        await _gateway.RegisteredAsync();
        Assert.False(_gateway.Lease.IsFenced);
    }

    /// <summary>Tests a suspension during a delivery. The signals are not sent after the suspension, so they must not be acknowledged.</summary>
    [Fact]
    public async Task Suspended_InTheMiddleOfADelivery_HasTakenNothing()
    {
        await _gateway.StartAndRegisterAsync();
        var hold = new TaskCompletionSource();
        _gateway.Sink.Room = hold.Task;
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        var delivering = _gateway.Observers[0].DeliverAsync([Batch()]);

        _gateway.Time.Suspend(TimeSpan.FromHours(1));
        hold.SetResult();

        Assert.Null(await delivering.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        closed.SetResult();
    }

    [Fact]
    public async Task Deliver_WhileClosingEverything_TakesNothing()
    {
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        await LoseLeaseAsync();

        Assert.Null(await _gateway.Observers[0].DeliverAsync([Batch()]));
        Assert.Empty(_gateway.Sink.Received);
        closed.SetResult();
    }

    [Fact]
    public async Task Deliver_NoRoom_HoldsTheAnswerForAMomentOnly()
    {
        await _gateway.StartAndRegisterAsync();
        _gateway.Sink.Room = new TaskCompletionSource().Task;
        var delivering = _gateway.Observers[0].DeliverAsync([Batch()]);
        await _gateway.RunAsync(TimeSpan.FromMilliseconds(400), timers: 3);
        Assert.Equal(["x"], _gateway.Sink.Received);
        Assert.False(delivering.IsCompleted);

        await _gateway.RunAsync(TimeSpan.FromMilliseconds(100), timers: 3);

        Assert.Single((await delivering.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))!);
    }

    [Fact]
    public async Task Stop_LeaseIsHeld_Leaves()
    {
        await _gateway.StartAndRegisterAsync();
        var id = _gateway.Lease.Id;

        await _gateway.Lease.StopAsync(CancellationToken.None);

        Assert.Equal([id!.Value], Registry.Left);
        Assert.Null(_gateway.Lease.Id);
        Assert.Equal(0, _gateway.Fence.Calls);
    }

    /// <summary>Tests a stop during an unanswered registration. The registry may have granted it, and publishes would wait for that lease to expire.</summary>
    [Fact]
    public async Task Stop_WhileRegistering_Leaves()
    {
        Registry.OnRegister = static _ => new TaskCompletionSource<bool>().Task;
        await _gateway.Lease.StartAsync(CancellationToken.None);
        await Deadline.UntilAsync("it registers", () => Registry.Registered.Count == 1);

        await _gateway.Lease.StopAsync(CancellationToken.None);

        Assert.Equal([Registry.Registered[0].Id], Registry.Left);
        LogLines.AssertNone(_gateway.Log.Entries, static entry => entry.Contains("failed", StringComparison.Ordinal));
    }

    /// <summary>Regression test: a renewal that a graceful stop cancels was logged as a failure. The lease is stopped here during a renewal.</summary>
    [Fact]
    public async Task Stop_WhileRenewing_IsNoFailure()
    {
        await _gateway.StartAndRegisterAsync();
        Registry.OnRenew = static _ => new TaskCompletionSource<RenewAnswer>().Task;
        await _gateway.RunAsync(_gateway.BackplaneOptions.RenewInterval * 2, until: () => Registry.Renewed.Count == 1);
        Assert.Single(Registry.Renewed);

        await _gateway.Lease.StopAsync(CancellationToken.None);

        LogLines.AssertNone(_gateway.Log.Entries, static entry => entry.Contains("failed", StringComparison.Ordinal));
    }

    /// <summary>Tests that a fenced gateway unregisters its old id once all connections are closed, so that publishes need not wait for its lease to expire.</summary>
    [Fact]
    public async Task Fence_EverythingIsClosed_LeavesUnderTheOldId()
    {
        var closed = new TaskCompletionSource();
        _gateway.Fence.Closed = closed.Task;
        await LoseLeaseAsync();
        Assert.Empty(Registry.Left);

        closed.SetResult();

        await Deadline.UntilAsync("it has left", () => Registry.Left.Count == 1);
        Assert.Equal([Registry.Registered[0].Id], Registry.Left);
    }

    private static SignalBatch Batch() => new(Guid.NewGuid(), Lane.Of(Room), 0, [new SignalEnvelope(Room, 5, 7, 0, 1, "x"u8.ToArray(), null)], 0);

    private async Task LoseLeaseAsync()
    {
        await _gateway.StartAndRegisterAsync();
        var lost = _gateway.Lease.Id;
        Registry.OnRenew = entry => Task.FromResult(entry.Id == lost ? RenewAnswer.Unknown : RenewAnswer.Renewed);
        await _gateway.RunAsync(TimeSpan.FromSeconds(3), timers: 1, until: () => _gateway.Fence.Calls > 0);
        await Deadline.UntilAsync("it is fenced", () => _gateway.Fence.Calls == 1);
    }
}
