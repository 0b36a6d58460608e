using Direct.Cluster.Tests.Clusters;
using Direct.Grains.Gateways;

namespace Direct.Cluster.Tests.Routing;

/// <summary>Tests that calls to stateless grains go to the silos in turn, so that a silo that hangs or does not support the call is not used every time.</summary>
public sealed class NextSiloTests(SharedCluster cluster)
{
    private const int Rounds = 4;

    [Fact]
    public async Task Queries_OfOneClient_GoToAllSilosInTurn()
    {
        var query = new ConnectionQuery(ConnectionQueryKind.Count, SharedCluster.NewNumber(), 0, 0, null, 0, 0, "");

        await AssertInTurnAsync(query, () => cluster.Cluster.Grains.GetGrain<IGatewayQueryGrain>(0).QueryAsync(query).AsTask());
    }

    [Fact]
    public async Task Canaries_OfOneClient_GoToAllSilosInTurn()
    {
        var gateway = Guid.NewGuid();

        await AssertInTurnAsync(gateway, () => cluster.Cluster.Grains.GetGrain<ICanaryGrain>(0).SendAsync(gateway, 1).AsTask());
    }

    // Other calls of the client may occur in between, so the exact order is not checked.
    private async Task AssertInTurnAsync(object argument, Func<Task> call)
    {
        var silos = cluster.Cluster.Silos.Count;
        for (var i = 0; i < Rounds * silos; i++)
        {
            await call();
        }

        var answered = cluster.Cluster.Calls.StatelessCalls.Where(each => argument.Equals(each.Argument)).Select(each => each.Silo).ToList();
        Assert.Equal(Rounds * silos, answered.Count);
        Assert.Equal(silos, answered.Distinct().Count());
    }
}
