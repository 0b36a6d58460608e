using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Liveness;
using Direct.Grains.Registry;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Tests.Registry;

/// <summary>Tests the registry without a silo. The tests make the polls of two silos themselves.</summary>
public sealed class GatewayRegistryGrainTests : IDisposable
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);

    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly FakeMembership _membership = new();
    private readonly Turns _turns = new();
    private readonly RegistryOptions _options = new() { ColdStartDelay = TimeSpan.Zero };
    private readonly FakeLeaseRecord _record = new();
    private readonly RecordingLogger<GatewayRegistryGrain> _log = new();
    private readonly GatewayRegistryGrain _registry;
    private readonly Dictionary<SiloAddress, GatewayTable> _known = [];

    public GatewayRegistryGrainTests()
    {
        _membership.Set(S1, SiloStatus.Active);
        _membership.Set(S2, SiloStatus.Active);
        _registry = new GatewayRegistryGrain(
            _membership, new Local(), Options.Create(_options), _record, new GrainMetrics(_meters), _time,
            _log);
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Poll_SiloThatIsNotActive_IsTurnedAway()
    {
        _membership.Set(S2, SiloStatus.Dead);

        var answer = await StartPoll(S2, isComplete: true);

        Assert.Equal((PollStatus.NotActive, null), (answer.Status, answer.Table));
    }

    /// <summary>
    /// Tests that a stopping silo still gets the gateway table. It has grains until they have moved, and these must know the gateways that register
    /// meanwhile.
    /// </summary>
    [Theory]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Stopping)]
    public async Task Poll_SiloThatIsStopping_IsAnswered(SiloStatus status)
    {
        await ServeAsync();
        _membership.Set(S2, status);
        var a = Entry("a");
        _ = StartRegister(a);

        var answer = await EndAsync(StartPoll(S2));

        Assert.Equal((PollStatus.Current, a.Id), (answer.Status, Assert.Single(answer.Table!.Entries).Id));
    }

    [Fact]
    public async Task Poll_FreshRegistry_AsksForTheEntries()
    {
        var polling = StartPoll(S1, isComplete: false);
        await AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(PollStatus.SendEntries, (await EndAsync(polling)).Status);
    }

    [Fact]
    public async Task Poll_AllSilosHaveSentTheirs_GivesTheUnion()
    {
        var (a, b) = (Entry("a"), Entry("b"));
        _known[S1] = new GatewayTable(Guid.NewGuid(), 5, [a], 0);
        _known[S2] = new GatewayTable(Guid.NewGuid(), 9, [b], 0);
        _ = StartPoll(S1, isComplete: true);

        var answer = await EndAsync(StartPoll(S2, isComplete: true));

        Assert.Equal([a.Id, b.Id], answer.Table!.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Poll_NothingNew_IsHeldForAMoment()
    {
        await ServeAsync();
        var polling = StartPoll(S1);
        await AdvanceAsync(TimeSpan.FromMilliseconds(249));
        Assert.False(polling.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await EndAsync(polling);

        Assert.Equal((PollStatus.Current, null), (answer.Status, answer.Table));
    }

    [Fact]
    public async Task Poll_GatewayComesMeanwhile_AnswersAtOnce()
    {
        await ServeAsync();
        var polling = StartPoll(S1);
        await SettleAsync();
        var a = Entry("a");
        _ = StartRegister(a);

        var answer = await EndAsync(polling);

        Assert.Equal(a.Id, Assert.Single(answer.Table!.Entries).Id);
    }

    [Fact]
    public async Task Register_OneSiloHasNotTakenTheTable_Waits()
    {
        await ServeAsync();
        var registering = StartRegister(Entry("a"));
        await TakeTableAsync(S1);
        Assert.False(registering.IsCompleted);

        await TakeTableAsync(S2);

        Assert.True(await EndAsync(registering));
    }

    [Fact]
    public async Task Register_GatewayFencesTooLate_IsRefusedAndNotInTheTable()
    {
        await ServeAsync();
        var late = Entry("a") with { FenceAfter = TimeSpan.FromSeconds(20) };

        var isRegistered = await EndAsync(StartRegister(late));

        Assert.False(isRegistered);
        Assert.Contains("Direct:Registry:LeaseDuration", await EndAsync(_turns.RunAsync(() => _registry.RefusalAsync(late))), StringComparison.Ordinal);
        Assert.Equal(RenewAnswer.Unknown, await EndAsync(StartRenew(late)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(14, true)]
    [InlineData(15, false)]
    public async Task Register_GatewayFencesAfterAColdStart_IsWarnedAbout(int coldStartDelay, bool isWarning)
    {
        await ServeAsync();
        _options.ColdStartDelay = TimeSpan.FromSeconds(coldStartDelay);
        var registering = StartRegister(Entry("a") with { FenceAfter = TimeSpan.FromSeconds(15) });
        await TakeTableAsync(S1);
        await TakeTableAsync(S2);

        Assert.True(await EndAsync(registering));
        Assert.Equal(isWarning, _log.Entries.Any(entry => entry.StartsWith("Warning: Direct:Registry:ColdStartDelay", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Register_OneSiloNeverTakesTheTable_SaysNotReady()
    {
        await ServeAsync();
        var registering = StartRegister(Entry("a"));
        await TakeTableAsync(S1);

        await AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.False(await EndAsync(registering));
    }

    [Fact]
    public async Task Register_SilentSiloIsDeclaredDead_GoesOnWithoutIt()
    {
        await ServeAsync();
        var registering = StartRegister(Entry("a"));
        _time.Advance(TimeSpan.FromSeconds(3));
        _membership.Set(S2, SiloStatus.Dead);

        await TakeTableAsync(S1);

        Assert.True(await EndAsync(registering));
    }

    /// <summary>
    /// Tests that a registration waits for the fence of every silo that may still publish. A silo that is shutting down, or was declared dead by
    /// mistake, publishes until its last answered poll is too old. A gateway that is registered earlier would miss those signals.
    /// </summary>
    [Theory]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Dead)]
    public async Task Register_SiloThatMayStillPublishIsNotActive_WaitsForItsFence(SiloStatus status)
    {
        await ServeAsync();
        _ = StartPoll(S2);
        await SettleAsync();
        _membership.Set(S2, status);
        var registering = StartRegister(Entry("a"));

        await TakeTableAsync(S1);
        await SettleAsync();

        Assert.False(registering.IsCompleted, $"registered although {S2} may still place and does not know the gateway");
    }

    [Fact]
    public async Task Renew_NeverRegistered_IsUnknown()
    {
        await ServeAsync();

        Assert.Equal(RenewAnswer.Unknown, await EndAsync(StartRenew(Entry("a"))));
    }

    [Fact]
    public async Task Leave_Registered_IsUnknownAfterwards()
    {
        await ServeAsync();
        var a = Entry("a");
        _ = StartRegister(a);
        Assert.Equal(RenewAnswer.Renewed, await EndAsync(StartRenew(a)));

        await LeaveAsync(a);

        Assert.Equal(RenewAnswer.Unknown, await EndAsync(StartRenew(a)));
    }

    [Fact]
    public async Task Renew_OneSiloIsSilent_AsksTheTableFirst()
    {
        await ServeAsync();
        var a = Entry("a");
        _ = StartRegister(a);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(RenewAnswer.Renewed, await EndAsync(StartRenew(a)));
        Assert.NotEqual(0, _membership.Refreshes);
    }

    /// <summary>Tests that a read that began before the silo was declared dead, and that the first refresh joined, is not relied on.</summary>
    [Fact]
    public async Task Renew_FirstRefreshJoinsAnOlderRead_ReadsAgain()
    {
        await ServeAsync();
        var a = Entry("a");
        _ = StartRegister(a);
        _time.Advance(TimeSpan.FromSeconds(3));
        _membership.OnRefresh = number =>
        {
            if (number == 2)
            {
                _membership.Set(S1, SiloStatus.Dead);
            }
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(a)));
    }

    [Fact]
    public async Task Renew_OwnSiloWasDeclaredDead_IsRefused()
    {
        await ServeAsync();
        var a = Entry("a");
        _ = StartRegister(a);
        _time.Advance(TimeSpan.FromSeconds(3));
        _membership.Set(S1, SiloStatus.Dead);

        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(a)));
    }

    /// <summary>Tests renewals while one silo and the database are down. Every gateway still contacts this registry, so it cannot have been replaced.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renew_TableCannotBeReadAndEveryGatewayAsks_IsRenewed(bool hangs)
    {
        var (a, b) = await WithTwoGatewaysAsync();
        (_membership.IsUnreachable, _membership.Hangs) = (!hangs, hangs);
        _time.Advance(SiloTimes.WitnessFor - TimeSpan.FromSeconds(0.6));
        var renewals = new[] { StartRenew(a), StartRenew(b) };
        if (hangs)
        {
            await AdvanceAsync(TimeSpan.FromMilliseconds(500));
        }

        Assert.All(await Task.WhenAll(renewals.Select(EndAsync)), answer => Assert.Equal(RenewAnswer.Renewed, answer));
    }

    /// <summary>
    /// Tests renewals while the table is unreachable and one gateway is silent. This is the view of a registry on a silo that was cut off: the silent
    /// gateway may already use another registry.
    /// </summary>
    [Fact]
    public async Task Renew_TableCannotBeReadAndAGatewayIsSilent_IsRefusedUntilTheTableIsBack()
    {
        var (a, _) = await WithTwoGatewaysAsync();
        _membership.IsUnreachable = true;
        _time.Advance(SiloTimes.WitnessFor + TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(a)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartPoll(S1)));

        _membership.IsUnreachable = false;

        Assert.Equal(RenewAnswer.Renewed, await EndAsync(StartRenew(a)));
    }

    /// <summary>Tests that calls to an unsure registry also count as contact. Otherwise one late round would stop the registry for good.</summary>
    [Fact]
    public async Task Renew_TableCannotBeReadAndTheSilentGatewayAsksAgain_IsRenewed()
    {
        var (a, b) = await WithTwoGatewaysAsync();
        _membership.IsUnreachable = true;
        _time.Advance(SiloTimes.WitnessFor + TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(a)));

        Assert.Equal(RenewAnswer.Renewed, await EndAsync(StartRenew(b)));
        Assert.Equal(RenewAnswer.Renewed, await EndAsync(StartRenew(a)));
    }

    /// <summary>Tests that the membership table takes precedence over contact with gateways.</summary>
    [Fact]
    public async Task Renew_GivenUpAndTableGoneSince_IsRefused()
    {
        var (a, b) = await WithTwoGatewaysAsync();
        _membership.IsUnreachable = true;
        _membership.Set(S1, SiloStatus.Dead);
        _time.Advance(SiloTimes.FenceAfter + TimeSpan.FromSeconds(0.1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(a)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => EndAsync(StartRenew(b)));
    }

    [Fact]
    public async Task TakeTestIds_NotServing_GivesNone()
    {
        Assert.Equal(0, await EndAsync(_turns.RunAsync(_registry.TakeTestIdsAsync)));
    }

    [Fact]
    public async Task TakeTestIds_OneSiloDoesNotKnowYet_Waits()
    {
        await ServeAsync();
        var taking = _turns.RunAsync(_registry.TakeTestIdsAsync);
        await TakeTableAsync(S1);
        Assert.False(taking.IsCompleted);

        await TakeTableAsync(S2);

        Assert.Equal(1, await EndAsync(taking));
    }

    [Fact]
    public async Task TakeTestIds_ASiloNeverLearnsOfIt_GivesNoneAndNeverThatBlockAgain()
    {
        await ServeAsync();
        var taking = _turns.RunAsync(_registry.TakeTestIdsAsync);
        await AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await EndAsync(taking));

        var again = _turns.RunAsync(_registry.TakeTestIdsAsync);
        await TakeTableAsync(S1);
        await TakeTableAsync(S2);

        Assert.Equal(101, await EndAsync(again));
    }

    /// <summary>
    /// Regression test: a registry waited for the length of a lease although there were no earlier gateways, or all of them had stopped gracefully.
    /// The record is clear here.
    /// </summary>
    [Fact]
    public async Task Record_ClearInAColdCluster_ServesAtOnce()
    {
        _options.ColdStartDelay = TimeSpan.FromSeconds(20);
        _record.IsClear = true;
        await StartColdAsync();

        await RecordAsync();

        Assert.Equal(PollStatus.Current, (await EndAsync(StartPoll(S1, isComplete: true))).Status);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Record_SetOrUnreadableInAColdCluster_WaitsOutTheColdStartDelay(bool isClear, bool fails)
    {
        _options.ColdStartDelay = TimeSpan.FromSeconds(20);
        (_record.IsClear, _record.Fails) = (isClear, fails);
        await StartColdAsync();

        await RecordAsync();

        var polling = StartPoll(S1, isComplete: true);
        await AdvanceAsync(TimeSpan.FromSeconds(19));
        Assert.Equal(PollStatus.NotActive, (await EndAsync(polling)).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(PollStatus.Current, (await EndAsync(StartPoll(S1, isComplete: true))).Status);
    }

    [Fact]
    public async Task Register_FirstGateway_IsOnRecordBeforeItIsRegistered()
    {
        await ServeAsync();
        _record.IsClear = true;
        var written = _record.Hold();
        var registering = StartRegister(Entry("a"));
        await TakeTableAsync(S1);
        await TakeTableAsync(S2);
        Assert.False(registering.IsCompleted);

        written.SetResult();

        Assert.True(await EndAsync(registering));
        Assert.False(_record.IsClear);
    }

    [Fact]
    public async Task Register_RecordCannotBeSet_IsNotRegisteredAndSaysWhy()
    {
        await ServeAsync();
        _record.Fails = true;
        var registering = StartRegister(Entry("a"));
        await TakeTableAsync(S1);
        await TakeTableAsync(S2);

        Assert.False(await EndAsync(registering));
        Assert.Contains(_log.Entries, entry => entry.StartsWith("Warning: Gateway a is not registered yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Register_SecondGatewayWhileTheDatabaseIsAway_IsRegistered()
    {
        await ServeAsync();
        await RegisterAsync(Entry("a"));
        _record.Fails = true;

        Assert.True(await RegisterAsync(Entry("b")));
    }

    [Fact]
    public async Task Leave_LastGateway_ClearsTheRecord()
    {
        await ServeAsync();
        var (a, b) = (Entry("a"), Entry("b"));
        await RegisterAsync(a);
        await RegisterAsync(b);
        await LeaveAsync(a);
        Assert.False(_record.IsClear);

        await LeaveAsync(b);

        Assert.True(_record.IsClear);
    }

    [Fact]
    public async Task Register_AfterTheRecordWasCleared_SetsItAgain()
    {
        await ServeAsync();
        var a = Entry("a");
        await RegisterAsync(a);
        await LeaveAsync(a);

        await RegisterAsync(Entry("b"));

        Assert.False(_record.IsClear);
    }

    [Fact]
    public async Task Record_GatewaysOfAnotherRegistry_IsSet()
    {
        var a = Entry("a");
        _known[S1] = new GatewayTable(Guid.NewGuid(), 5, [a], 0);
        await ServeAsync();
        _record.IsClear = true; // as after a registry of a version without the record

        await RecordAsync();

        Assert.False(_record.IsClear);
        await LeaveAsync(a);
        Assert.True(_record.IsClear);
    }

    private static GatewayEntry Entry(string name) => new(Guid.NewGuid(), name, []);

    private static Task<T> EndAsync<T>(Task<T> task) => Deadline.RunAsync("the registry's answer", token => new ValueTask<T>(task.WaitAsync(token)));

    private Task<bool> StartRegister(GatewayEntry entry) => _turns.RunAsync(() => _registry.RegisterAsync(entry));

    // Registers a gateway and lets both silos receive the table that contains it.
    private async Task<bool> RegisterAsync(GatewayEntry entry)
    {
        var registering = StartRegister(entry);
        await TakeTableAsync(S1);
        await TakeTableAsync(S2);
        return await EndAsync(registering);
    }

    private async Task LeaveAsync(GatewayEntry entry) => await EndAsync(_turns.RunAsync(async () =>
    {
        await _registry.LeaveAsync(entry.Id);
        return true;
    }));

    private async Task RecordAsync() => await EndAsync(_turns.RunAsync(async () =>
    {
        await _registry.KeepRecordAsync(CancellationToken.None);
        return true;
    }));

    private Task<RenewAnswer> StartRenew(GatewayEntry entry) => _turns.RunAsync(() => _registry.RenewAsync(entry, 0));

    private Task<PollAnswer> StartPoll(SiloAddress silo, bool isComplete = false) =>
        _turns.RunAsync(() => _registry.PollAsync(silo, _known.GetValueOrDefault(silo, GatewayTable.None), isComplete));

    private async Task ServeAsync()
    {
        _ = StartPoll(S1, isComplete: true);
        await TakeTableAsync(S2, isComplete: true);
        await TakeTableAsync(S1);
        await AdvanceAsync(TimeSpan.FromMilliseconds(500));
        await SettleAsync();
    }

    // Lets both silos poll without any known gateways.
    private async Task StartColdAsync()
    {
        _ = StartPoll(S1, isComplete: true);
        _ = StartPoll(S2, isComplete: true);
        await SettleAsync();
    }

    private async Task<(GatewayEntry A, GatewayEntry B)> WithTwoGatewaysAsync()
    {
        await ServeAsync();
        var (a, b) = (Entry("a"), Entry("b"));
        _ = StartRegister(a);
        _ = StartRegister(b);
        await SettleAsync();
        return (a, b);
    }

    // Polls twice: the second poll shows the registry that the silo has the current table.
    private async Task TakeTableAsync(SiloAddress silo, bool isComplete = false)
    {
        var answer = await EndAsync(StartPoll(silo, isComplete));
        _known[silo] = (answer.Table ?? _known[silo]) with { Entries = [] };
        _ = StartPoll(silo);
        await SettleAsync();
    }

    // Runs all turns that are ready, and those that they make ready.
    private async Task SettleAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            await _turns.RunAsync(static () => { });
            await Task.Yield();
        }
    }

    private async Task AdvanceAsync(TimeSpan delta)
    {
        await SettleAsync();
        Assert.NotEqual(0, _time.ArmedTimers);
        _time.Advance(delta);
    }

    private sealed class Local : ILocalSiloDetails
    {
        public string Name => "s1";

        public string ClusterId => "direct";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => S1;

        public SiloAddress GatewayAddress => S1;
    }
}
