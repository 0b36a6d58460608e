using Direct.Edge.Backplane;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>A node's desk: keeps what it is asked.</summary>
internal sealed class FakePresenceHandler : IPresenceHandler
{
    public List<ClusterQuery> Asked { get; } = [];

    public GatewayResponse Reply { get; set; } = new(0);

    public GatewayResponse Answer(ClusterQuery question)
    {
        Asked.Add(question);
        return Reply;
    }
}
