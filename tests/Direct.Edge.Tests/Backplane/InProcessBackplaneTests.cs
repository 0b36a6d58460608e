using Direct.Backplane.Specification;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Backplane;

public sealed class InProcessBackplaneTests : BackplaneSpecification
{
    protected override int GatewayCount => 1;

    [Fact]
    public async Task Publish_Anything_HasItsReceiptAtOnce()
    {
        var placement = await First.PlaceAsync(Topic.All, default, "hello");

        Assert.Null(placement.Pending);
    }

    protected override ValueTask<BackplaneCluster> StartAsync() => ValueTask.FromResult<BackplaneCluster>(new LoneGateway());

    private sealed class LoneGateway : BackplaneCluster
    {
        public LoneGateway()
        {
            var sink = new RecordingSink();
            Gateways = [new BackplaneGateway("alone", new InProcessBackplane(sink), sink)];
        }

        public override IReadOnlyList<BackplaneGateway> Gateways { get; }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
