using Direct.Edge.Backplane;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Implements a presence handler that hangs while its sink hangs: queries then get no response.</summary>
internal sealed class HangingPresenceHandler(IPresenceHandler presenceHandler, HangingSink sink) : IPresenceHandler
{
    public GatewayResponse Answer(ClusterQuery query)
    {
        sink.Wait();
        return presenceHandler.Answer(query);
    }
}
