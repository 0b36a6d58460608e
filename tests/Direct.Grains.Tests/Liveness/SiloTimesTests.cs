using Direct.Grains.Hosting;
using Direct.Grains.Liveness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Grains.Tests.Liveness;

/// <summary>The sums of docs/internals/cluster.md, "Why a silo has stopped in time".</summary>
public sealed class SiloTimesTests
{
    // The registry of a silo that is cut off relies on what it heard last, and its own silo on the registry's last answer.
    public static TheoryData<TimeSpan> Trust { get; } = [SiloTimes.FenceAfter, SiloTimes.WitnessFor];

    [Fact]
    public void Times_AreThoseOfThePage() => Assert.Equal(
        [1.2, 1.5, 4.5, 4.8],
        ((TimeSpan[])[SiloTimes.FenceAfter, SiloTimes.HoldFor, SiloTimes.GivenUpAfter, SiloTimes.WitnessFor]).Select(time => time.TotalSeconds));

    [Theory]
    [MemberData(nameof(Trust))]
    public void Fence_OfASiloThatIsCutOffWithTheRegistry_ComesBeforeAnotherRegistryStarts(TimeSpan trust) =>
        Assert.True(trust + SiloTimes.FenceAfter <= SiloTimes.GivenUpAfter + SiloTimes.HoldFor);

    // If its connections are reset, the probes that are missed fail at once, and nothing says when it was heard last.
    [Fact]
    public void Fence_OfASiloWhoseConnectionsAreReset_ComesBeforeAnotherRegistryStarts() => Assert.True(
        SiloTimes.FenceAfter + SiloTimes.FenceAfter <= (SiloTimes.ShortestProbe * (SiloTimes.MissedProbes - 1)) + SiloTimes.HoldFor);

    [Fact]
    public void Fence_OfASiloThatIsGivenUp_ComesBeforeItsGrainsStartElsewhere() => Assert.True(SiloTimes.FenceAfter < SiloTimes.HoldFor);

    // Orleans takes the time in which a death is noticed off the lease.
    [Fact]
    public void Options_OfASilo_HoldTheGrainsOfADeadOneForThatTime()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(static silo => silo.UseLocalhostClustering().AddDirectGrains());
        using var host = builder.Build();

        var directory = host.Services.GetRequiredService<IOptions<GrainDirectoryOptions>>().Value;
        var membership = host.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;

        Assert.Equal(SiloTimes.GivenUpAfter, membership.MaxProbeTimeout * membership.NumMissedProbesLimit);
        Assert.Equal(SiloTimes.HoldFor, directory.RangeLeaseDuration - SiloTimes.GivenUpAfter);
    }

    [Fact]
    public void DeathVotes_OfASilo_FindTheMethodOfOrleans()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(static silo => silo.UseLocalhostClustering().AddDirectGrains());
        using var host = builder.Build();

        Assert.IsType<DeathVotes>(host.Services.GetRequiredService<IDeathVotes>());
    }
}
