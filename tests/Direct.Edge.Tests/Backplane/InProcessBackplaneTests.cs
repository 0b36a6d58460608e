using Direct.Backplane.Specification;
using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Backplane;

public sealed class InProcessBackplaneTests : BackplaneSpecification
{
    protected override int GatewayCount => 1;

    [Fact]
    public async Task Publish_Anything_HasItsReceiptAtOnce()
    {
        var placement = await First.PublishOnlyAsync(Topic.All, default, "hello");

        Assert.Null(placement.Pending);
    }

    protected override ValueTask<BackplaneCluster> StartAsync() => ValueTask.FromResult<BackplaneCluster>(new LoneGateway());

    private sealed class LoneGateway : BackplaneCluster
    {
        public LoneGateway()
        {
            var (sink, presenceHandler, endpoints) = (new RecordingSink(), new RecordingPresenceHandler(), new EndpointOptions { Port = 18085 });
            Gateways = [new BackplaneGateway($"{Environment.MachineName}:18085", new InProcessBackplane(sink, presenceHandler, Options.Create(endpoints)), sink, presenceHandler)];
        }

        public override IReadOnlyList<BackplaneGateway> Gateways { get; }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
