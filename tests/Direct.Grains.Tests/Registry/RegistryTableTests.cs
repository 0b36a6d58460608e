using System.Diagnostics.CodeAnalysis;
using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Registry;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class RegistryTableTests
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly RegistryOptions _options = new();
    private readonly GatewayEntry _a = Entry("a");
    private readonly GatewayEntry _b = Entry("b");
    private RegistryTable _table;

    public RegistryTableTests()
    {
        _time.Advance(TimeSpan.FromSeconds(100));
        StartOver();
    }

    [Fact]
    public void Merge_WhileServing_AddsNothing()
    {
        Merge(S1, 7);
        _table.TryServe([S1]);

        Merge(S2, 3, _b);

        Assert.Empty(_table.Current.Entries);
    }

    /// <summary>Tests the members of an entry that silos need to recover lanes. A registry that dropped them would make nobody ask the gateway.</summary>
    [Fact]
    public void Current_OfAGatewayThatKeepsTopics_SaysHowLong()
    {
        var keeper = _a with { Keeps = true, KeepFor = TimeSpan.FromMinutes(2), RemembersIdsFor = TimeSpan.FromMinutes(5) };
        Serve();
        _table.Add(keeper);
        var known = _table.Current;
        StartOver();
        Merge(S1, 0, [.. known.Entries]);

        Assert.Equal(keeper, Assert.Single(_table.Current.Entries));
    }

    [Fact]
    public void TryRenew_NotServing_LearnsOfTheGateway()
    {
        Assert.True(_table.TryRenew(_a, 0));

        Assert.Equal(_a.Id, Assert.Single(_table.Current.Entries).Id);
    }

    /// <summary>Tests an entry that comes from the registry of an older silo, which has dropped what it does not know. What the gateway says itself counts.</summary>
    [Fact]
    public void TryRenew_EntryOfAnOlderRegistryLacksSomething_TakesItFromTheGateway()
    {
        var keeper = _a with { Keeps = true, KeepFor = TimeSpan.FromMinutes(2), RemembersIdsFor = TimeSpan.FromMinutes(5) };
        Merge(S1, 7, _a);
        Assert.True(_table.TryServe([S1]));
        var version = _table.Version;

        Assert.True(_table.TryRenew(keeper with { Observers = [.. keeper.Observers] }, 0));
        Assert.Equal((version + 1, true), (_table.Version, Assert.Single(_table.Current.Entries).Keeps));

        Assert.True(_table.TryRenew(keeper, 0));
        Assert.Equal(version + 1, _table.Version);
    }

    [Fact]
    public void Expire_LeaseNotRenewed_RemovesItJustPastItsEnd()
    {
        Serve();
        _table.Add(_a);
        _time.Advance(_options.LeaseDuration);
        Assert.Empty(_table.Expire());
        var version = _table.Version;

        _time.Advance(Tick);

        Assert.Equal([_a], _table.Expire());
        Assert.Empty(_table.Current.Entries);
        Assert.NotEqual(version, _table.Version);
        Assert.False(_table.TryRenew(_a, 0));
    }

    [Fact]
    public void Expire_NotServing_RemovesNobody()
    {
        _table.TryRenew(_a, 0);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_table.Expire());
    }

    [Fact]
    public void TryServe_TakenOver_EveryLeaseIsFull()
    {
        _table.TryRenew(_a, 0);
        _time.Advance(TimeSpan.FromMinutes(5));
        Merge(S1, 7, _b);
        _table.TryServe([S1]);

        _time.Advance(_options.LeaseDuration);
        Assert.Empty(_table.Expire());
        _time.Advance(Tick);
        Assert.Equal(2, _table.Expire().Count);
    }

    [Fact]
    public void VersionOf_HigherVersionOfAnotherEpoch_IsZero()
    {
        Assert.Equal(_table.Version, _table.VersionOf(_table.Current));
        Assert.Equal(0, _table.VersionOf(new GatewayTable(Guid.NewGuid(), _table.Version + 100, [], 0)));
    }

    [Fact]
    public void IsCurrent_OtherEpochWithTheSameVersion_IsFalse()
    {
        Assert.True(_table.IsCurrent(_table.Current));
        Assert.False(_table.IsCurrent(_table.Current with { Epoch = Guid.NewGuid() }));
    }

    [Fact]
    public void TakeTestIds_GatewayHasReportedHigherOnes_GoesOnAboveThem()
    {
        _table.TryRenew(_a, 700);
        _table.TryRenew(_b, 300);

        Assert.Equal(701, _table.TakeTestIds(100));
    }

    [Fact]
    public void TakeTestIds_SiloKnewOfHigherOnes_GoesOnAboveThem()
    {
        _table.Merge(S1, new GatewayTable(Guid.NewGuid(), 3, [], 900));

        Assert.Equal(901, _table.TakeTestIds(100));
    }

    [Fact]
    public void TakeTestIds_Taken_IsInTheTableOfANewVersion()
    {
        var version = _table.Version;

        _table.TakeTestIds(100);

        Assert.Equal(100, _table.Current.HighestTestId);
        Assert.True(_table.Version > version);
    }

    /// <summary>Tests test ids across restarts of the registry. A new registry starts with only what silos and gateways report to it.</summary>
    [Fact]
    public void TakeTestIds_RegistryStartsOverAgainAndAgain_NeverGivesABlockTwice()
    {
        var taken = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            taken.AddRange(Enumerable.Range(0, 3).Select(_ => _table.TakeTestIds(100)));
            var known = _table.Current;
            StartOver();
            _table.Merge(S1, known);
        }

        Assert.Equal(taken.Order(), taken);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => (i * 100L) + 1), taken);
    }

    private static GatewayEntry Entry(string name) => new(Guid.NewGuid(), name, []);

    [MemberNotNull(nameof(_table))]
    private void StartOver() => _table = new RegistryTable(new LeaseTable(_options, _time), new RegistryTakeover(_options, _time));

    private void Merge(SiloAddress silo, long version, params GatewayEntry[] entries) =>
        _table.Merge(silo, new GatewayTable(Guid.NewGuid(), version, entries, 0));

    private void Serve()
    {
        Merge(S1, 1);
        Assert.True(_table.TryServe([S1]));
    }
}
