using System.Globalization;
using Direct.Cluster.Tests.Models;

namespace Direct.Cluster.Tests.Routing;

/// <summary>
/// Runs clusters whose every event follows from a seed, and checks receipts, losses, repeats and order. A failure names its seed. To run that seed
/// alone: <c>DIRECT_MODEL_SEED=n ./test --filter-class '*DeliveryModel*'</c>. With <c>DIRECT_MODEL_SEEDS=n</c> another number of seeds runs.
/// </summary>
public sealed class DeliveryModelTests
{
    [Fact]
    public void Run_ManySeeds_EverySignalIsDeliveredOnceAndInOrderToWhomItsReceiptCounts()
    {
        var (first, count) = Read("DIRECT_MODEL_SEED") is { } seed ? (seed, 1) : (0, Read("DIRECT_MODEL_SEEDS") ?? 1000);

        for (var i = first; i < first + count; i++)
        {
            var (trace, error) = ModelCluster.Run(i);
            Assert.True(error is null, $"Seed {i}: {error}\n{trace}");
        }
    }

    [Fact]
    public void Run_SameSeedTwice_SameTrace()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(ModelCluster.Run(seed).Trace.Hash, ModelCluster.Run(seed).Trace.Hash);
        }
    }

    private static int? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
