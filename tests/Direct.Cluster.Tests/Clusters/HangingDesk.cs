using Direct.Edge.Backplane;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>A node's desk that hangs whenever its sink does: whoever asks then gets no answer.</summary>
internal sealed class HangingDesk(IGatewayDesk desk, HangingSink sink) : IGatewayDesk
{
    public GatewayReply Answer(GatewayQuestion question)
    {
        sink.Wait();
        return desk.Answer(question);
    }
}
