using Direct.Edge.Backplane;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>A node's desk that hangs whenever its sink does: whoever asks then gets no answer.</summary>
internal sealed class HangingDesk(IPresenceHandler desk, HangingSink sink) : IPresenceHandler
{
    public GatewayResponse Answer(ClusterQuery question)
    {
        sink.Wait();
        return desk.Answer(question);
    }
}
