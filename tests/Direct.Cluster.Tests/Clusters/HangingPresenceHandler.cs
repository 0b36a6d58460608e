using Direct.Edge.Backplane;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Implements a node's presence handler that hangs while its sink hangs: queries then get no answer.</summary>
internal sealed class HangingPresenceHandler(IPresenceHandler presenceHandler, HangingSink sink) : IPresenceHandler
{
    public GatewayResponse Answer(ClusterQuery query)
    {
        sink.Wait();
        return presenceHandler.Answer(query);
    }
}
