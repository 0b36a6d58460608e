using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Registry;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class GatewayLeasesTests
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly RegistryOptions _options = new();
    private readonly GatewayEntry _a = Entry("a");
    private readonly GatewayEntry _b = Entry("b");
    private GatewayLeases _leases;

    public GatewayLeasesTests()
    {
        _time.Advance(TimeSpan.FromSeconds(100));
        _leases = new GatewayLeases(_options, _time);
    }

    [Fact]
    public void TryServe_NoSiloHasBeenHeard_DoesNot()
    {
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_leases.TryServe([S1]));
        Assert.False(_leases.IsServing);
    }

    [Fact]
    public void TryServe_ColdCluster_WaitsOutTheColdStartDelay()
    {
        HeardNothing(S1);
        _time.Advance(_options.ColdStartDelay - Tick);
        Assert.False(_leases.TryServe([S1]));

        _time.Advance(Tick);

        Assert.True(_leases.TryServe([S1]));
    }

    [Fact]
    public void TryServe_OneSiloHasNotBeenHeard_Waits()
    {
        Heard(S1, 7, _a);
        Assert.False(_leases.TryServe([S1, S2]));

        HeardNothing(S2);

        Assert.True(_leases.TryServe([S1, S2]));
    }

    [Fact]
    public void TryServe_UnheardSiloIsGone_Serves()
    {
        Heard(S1, 7, _a);

        Assert.True(_leases.TryServe([S1]));
    }

    [Fact]
    public void TryServe_SilosKnewGateways_ServesTheUnionAtOnce()
    {
        Heard(S1, 7, _a);
        Heard(S2, 8, _b);

        _leases.TryServe([S1, S2]);

        Assert.Equal([_a.Id, _b.Id], _leases.Table.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public void TryServe_Twice_SaysSoOnce()
    {
        Heard(S1, 7, _a);
        Assert.True(_leases.TryServe([S1]));

        Assert.False(_leases.TryServe([S1]));
        Assert.True(_leases.IsServing);
    }

    [Fact]
    public void Heard_WhileServing_AddsNothing()
    {
        Heard(S1, 7);
        _leases.TryServe([S1]);

        Heard(S2, 3, _b);

        Assert.Empty(_leases.Table.Entries);
    }

    [Fact]
    public void TryRenew_NotServing_LearnsOfTheGateway()
    {
        Assert.True(_leases.TryRenew(_a, 0));

        Assert.Equal(_a.Id, Assert.Single(_leases.Table.Entries).Id);
    }

    [Fact]
    public void TryRenew_ServingAndUnknown_IsRefused()
    {
        Serve();

        Assert.False(_leases.TryRenew(_a, 0));
        Assert.Empty(_leases.Table.Entries);
    }

    [Fact]
    public void Expire_LeaseNotRenewed_RemovesItJustPastItsEnd()
    {
        Serve();
        _leases.Add(_a);
        _time.Advance(_options.LeaseDuration);
        Assert.Empty(_leases.Expire());
        var version = _leases.Version;

        _time.Advance(Tick);

        Assert.Equal([_a], _leases.Expire());
        Assert.Empty(_leases.Table.Entries);
        Assert.NotEqual(version, _leases.Version);
        Assert.False(_leases.TryRenew(_a, 0));
    }

    [Theory]
    [InlineData(19.0, false)]
    [InlineData(19.1, true)]
    [InlineData(300, true)]
    public void RefusalOf_FenceAfter_IsComparedWithTheLeaseLessASecond(double fenceAfter, bool isRefused)
    {
        Assert.Equal(isRefused, _leases.RefusalOf(_a with { FenceAfter = TimeSpan.FromSeconds(fenceAfter) }) is not null);
    }

    [Fact]
    public void RefusalOf_FenceAfterTooLong_NamesBothSettingsAndTheGateway()
    {
        var refusal = _leases.RefusalOf(_a with { Name = "east:8085", FenceAfter = TimeSpan.FromSeconds(25) })!;

        Assert.Contains("Direct:Cluster:FenceAfter of gateway east:8085 is 00:00:25", refusal, StringComparison.Ordinal);
        Assert.Contains("Direct:Registry:LeaseDuration (00:00:20)", refusal, StringComparison.Ordinal);
    }

    /// <summary>A gateway of 0.1.0 sends none.</summary>
    [Fact]
    public void RefusalOf_FenceAfterUnknown_IsNone()
    {
        Assert.Null(_leases.RefusalOf(_a));
    }

    /// <summary>A silo with a shorter lease becomes the registry of gateways that others have registered: their connections are open for longer.</summary>
    [Fact]
    public void Expire_GatewayFencesLaterThanTheLease_IsKeptUntilItHasFenced()
    {
        var late = _a with { FenceAfter = TimeSpan.FromSeconds(30) };
        Heard(S1, 7, late);
        _leases.TryServe([S1]);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty(_leases.Expire());

        _time.Advance(Tick);

        Assert.Equal([late], _leases.Expire());
    }

    [Fact]
    public void Expire_LeaseRenewed_KeepsIt()
    {
        Serve();
        _leases.Add(_a);
        _leases.Add(_b);
        _time.Advance(TimeSpan.FromSeconds(15));
        _leases.TryRenew(_a, 0);
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal([_b], _leases.Expire());
        Assert.Equal(_a.Id, Assert.Single(_leases.Table.Entries).Id);
    }

    [Fact]
    public void Expire_NotServing_RemovesNobody()
    {
        _leases.TryRenew(_a, 0);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_leases.Expire());
    }

    [Fact]
    public void TryServe_TakenOver_EveryLeaseIsFull()
    {
        _leases.TryRenew(_a, 0);
        _time.Advance(TimeSpan.FromMinutes(5));
        Heard(S1, 7, _b);
        _leases.TryServe([S1]);

        _time.Advance(_options.LeaseDuration);
        Assert.Empty(_leases.Expire());
        _time.Advance(Tick);
        Assert.Equal(2, _leases.Expire().Count);
    }

    [Fact]
    public void Expire_WallClockJumps_DoesNotNotice()
    {
        Serve();
        _leases.Add(_a);

        _time.JumpWallClock(TimeSpan.FromDays(1));

        Assert.Empty(_leases.Expire());
    }

    [Fact]
    public void Add_TheSameAgain_IsOneGatewayWithANewLease()
    {
        Serve();
        _leases.Add(_a);
        _time.Advance(_options.LeaseDuration);

        _leases.Add(_a);
        _time.Advance(_options.LeaseDuration);

        Assert.Empty(_leases.Expire());
        Assert.Single(_leases.Table.Entries);
    }

    [Fact]
    public void Remove_Known_IsGoneAtOnce()
    {
        var version = _leases.Add(_a);

        Assert.True(_leases.Remove(_a.Id));
        Assert.True(_leases.Version > version);
        Assert.Empty(_leases.Table.Entries);
    }

    [Fact]
    public void Remove_Unknown_ChangesNothing()
    {
        var version = _leases.Version;

        Assert.False(_leases.Remove(_a.Id));
        Assert.Equal(version, _leases.Version);
    }

    [Fact]
    public void AllHave_EverySiloHasShownTheVersion_IsTrue()
    {
        var version = _leases.Add(_a);
        _leases.Polled(S1, _leases.Table);
        Assert.False(_leases.AllHave(version, [S1, S2]));

        _leases.Polled(S2, _leases.Table);

        Assert.True(_leases.AllHave(version, [S1, S2]));
    }

    [Fact]
    public void AllHave_OlderVersion_IsFalse()
    {
        _leases.Polled(S1, _leases.Table);

        var version = _leases.Add(_a);

        Assert.False(_leases.AllHave(version, [S1]));
    }

    [Fact]
    public void AllHave_HigherVersionOfAnotherEpoch_IsFalse()
    {
        var version = _leases.Add(_a);

        _leases.Polled(S1, new GatewayTable(Guid.NewGuid(), version + 100, [], 0));

        Assert.False(_leases.AllHave(version, [S1]));
    }

    [Fact]
    public void IsCurrent_OtherEpochWithTheSameVersion_IsFalse()
    {
        Assert.True(_leases.IsCurrent(_leases.Table));
        Assert.False(_leases.IsCurrent(_leases.Table with { Epoch = Guid.NewGuid() }));
    }

    [Fact]
    public void AllPolledWithin_OneHasNotForLong_IsFalse()
    {
        _leases.Polled(S1, GatewayTable.None);
        _leases.Polled(S2, GatewayTable.None);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_leases.AllPolledWithin(TimeSpan.FromSeconds(2), [S1, S2]));

        _time.Advance(Tick);
        _leases.Polled(S1, GatewayTable.None);

        Assert.False(_leases.AllPolledWithin(TimeSpan.FromSeconds(2), [S1, S2]));
    }

    [Fact]
    public void TakeTestIds_ColdCluster_StartsAtOne()
    {
        Assert.Equal(1, _leases.TakeTestIds(100));
        Assert.Equal(101, _leases.TakeTestIds(100));
    }

    [Fact]
    public void TakeTestIds_GatewayHasReportedHigherOnes_GoesOnAboveThem()
    {
        _leases.TryRenew(_a, 700);
        _leases.TryRenew(_b, 300);

        Assert.Equal(701, _leases.TakeTestIds(100));
    }

    [Fact]
    public void TakeTestIds_SiloKnewOfHigherOnes_GoesOnAboveThem()
    {
        _leases.Heard(S1, new GatewayTable(Guid.NewGuid(), 3, [], 900));

        Assert.Equal(901, _leases.TakeTestIds(100));
    }

    [Fact]
    public void TakeTestIds_Taken_IsInTheTableOfANewVersion()
    {
        var version = _leases.Version;

        _leases.TakeTestIds(100);

        Assert.Equal(100, _leases.Table.HighestTestId);
        Assert.True(_leases.Version > version);
    }

    /// <summary>Registries come and go, as their silos do; each starts with no more than what silos and gateways tell it.</summary>
    [Fact]
    public void TakeTestIds_RegistryStartsOverAgainAndAgain_NeverGivesABlockTwice()
    {
        var taken = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            taken.AddRange(Enumerable.Range(0, 3).Select(_ => _leases.TakeTestIds(100)));
            var known = _leases.Table;
            _leases = new GatewayLeases(_options, _time);
            _leases.Heard(S1, known);
        }

        Assert.Equal(taken.Order(), taken);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => (i * 100L) + 1), taken);
    }

    private static GatewayEntry Entry(string name) => new(Guid.NewGuid(), name, []);

    private void HeardNothing(SiloAddress silo) => _leases.Heard(silo, GatewayTable.None);

    private void Heard(SiloAddress silo, long version, params GatewayEntry[] entries) =>
        _leases.Heard(silo, new GatewayTable(Guid.NewGuid(), version, entries, 0));

    private void Serve()
    {
        Heard(S1, 1);
        Assert.True(_leases.TryServe([S1]));
    }
}
