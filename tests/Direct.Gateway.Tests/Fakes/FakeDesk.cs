using Direct.Edge.Backplane;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>A node's desk: keeps what it is asked.</summary>
internal sealed class FakeDesk : IGatewayDesk
{
    public List<GatewayQuestion> Asked { get; } = [];

    public GatewayReply Reply { get; set; } = new(0);

    public GatewayReply Answer(GatewayQuestion question)
    {
        Asked.Add(question);
        return Reply;
    }
}
