using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Grains.Tests.Links;

public sealed class LiveGatewaysTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LiveGateways _gateways;
    private readonly FakeObserver _observer = new();
    private readonly LocalGateways _local = new();

    public LiveGatewaysTests() => _gateways = new LiveGateways(new GrainMetrics(_meters), FakeMemoryWatch.Plenty(), _local, _time, NullLogger<LiveGateways>.Instance);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void IsFenced_NeverTold_IsTrue()
    {
        Assert.True(_gateways.IsFenced);
        Assert.Empty(_gateways.Links);
    }

    [Fact]
    public void HasKeepers_OneGatewayCanKeepTopics_IsTrueWhileItLives()
    {
        var (one, keeper) = (new GatewayEntry(Guid.NewGuid(), "one", [_observer]), new GatewayEntry(Guid.NewGuid(), "keeper", [_observer], Keeps: true));
        Assert.False(_gateways.HasKeepers);

        _gateways.Confirm(new GatewayTable(Guid.NewGuid(), 1, [one, keeper], 0), _time.GetTimestamp());
        Assert.True(_gateways.HasKeepers);
        Assert.True(_gateways.Links.Single(link => link.Id == keeper.Id).Keeps);

        _gateways.Confirm(new GatewayTable(Guid.NewGuid(), 2, [one], 0), _time.GetTimestamp());
        Assert.False(_gateways.HasKeepers);
    }

    /// <summary>Tests a cluster whose registry is moved from an older silo, which drops what it does not know of a gateway. Lanes would never recover from that gateway.</summary>
    [Fact]
    public void Confirm_EntryOfALiveGatewayHasChanged_ItsLinkCanKeepTopics()
    {
        var id = Guid.NewGuid();
        _gateways.Confirm(new GatewayTable(Guid.NewGuid(), 1, [new GatewayEntry(id, "a", [_observer])], 0), _time.GetTimestamp());
        var link = Assert.Single(_gateways.Links);

        _gateways.Confirm(new GatewayTable(Guid.NewGuid(), 1, [new GatewayEntry(id, "a", [_observer], Keeps: true)], 0), _time.GetTimestamp());

        Assert.Same(link, Assert.Single(_gateways.Links));
        Assert.True(link.Keeps);
        Assert.True(_gateways.HasKeepers);
    }

    [Fact]
    public void IsFenced_AWhileAfterTheStartOfTheLastAnsweredPoll_IsTrue()
    {
        var startedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        _gateways.Confirm(Table(1), startedAt);
        _time.Advance(SiloTimes.FenceAfter - TimeSpan.FromSeconds(1));
        Assert.False(_gateways.IsFenced);

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.True(_gateways.IsFenced);
    }

    [Fact]
    public void IsFenced_AnswerComesAfterTheFence_StaysTrue()
    {
        var startedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(3));

        _gateways.Confirm(Table(1), startedAt);

        Assert.True(_gateways.IsFenced);
    }

    [Fact]
    public void Confirm_NothingNew_LiftsTheFenceAndKeepsTheTable()
    {
        _gateways.Confirm(Table(1, Entry("a")), _time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(10));

        _gateways.Confirm(null, _time.GetTimestamp());

        Assert.False(_gateways.IsFenced);
        Assert.Equal("a", Assert.Single(_gateways.Links).Name);
    }

    [Fact]
    public void Confirm_NewTable_IsWhatTheLinksAre()
    {
        var (a, b, c) = (Entry("a"), Entry("b"), Entry("c"));
        _gateways.Confirm(Table(1, a, b), _time.GetTimestamp());

        _gateways.Confirm(Table(2, b, c), _time.GetTimestamp());

        Assert.Equal([b.Id, c.Id], _gateways.Links.Select(link => link.Id));
        Assert.Equal(2, _gateways.Table.Version);
    }

    [Fact]
    public async Task Confirm_GatewayIsGone_NobodyWaitsForItAnyMore()
    {
        _gateways.Confirm(Table(1, Entry("a")), _time.GetTimestamp());
        var link = Assert.Single(_gateways.Links);
        _ = ((GatewayLink)link).Send(Batches.One(1));
        await Deadline.UntilAsync("the first call", () => _observer.CallsUnderWay == 1);
        var waiting = ((GatewayLink)link).Send(Batches.One(2));

        _gateways.Confirm(Table(2), _time.GetTimestamp());

        Assert.Null(await Deadline.RunAsync("the answer", token => new ValueTask<GatewayAnswer[]?>(waiting.WaitAsync(token))));
        Assert.Null(await ((GatewayLink)link).Send(Batches.One(3)));
    }

    [Fact]
    public async Task Confirm_GatewayOfThisProcess_IsCalledWithoutItsReferences()
    {
        var (local, entry) = (new FakeObserver(), Entry("a"));
        _local.Add(entry.Id, [local]);

        _gateways.Confirm(Table(1, entry), _time.GetTimestamp());
        var sending = ((GatewayLink)Assert.Single(_gateways.Links)).Send(Batches.One(1));

        Assert.Equal(1, local.CallsUnderWay); // the call was made on this thread
        Assert.Empty(_observer.Calls);
        local.Answer();
        Assert.NotNull(await sending);
    }

    private static GatewayTable Table(long version, params GatewayEntry[] entries) => new(Guid.Empty, version, entries, 0);

    private GatewayEntry Entry(string name) => new(Guid.NewGuid(), name, [_observer]);
}
