using Direct.Edge.Backplane;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a node's presence handler: keeps what it is asked.</summary>
internal sealed class FakePresenceHandler : IPresenceHandler
{
    public List<ClusterQuery> Asked { get; } = [];

    public GatewayResponse Response { get; set; } = new(0);

    public GatewayResponse Answer(ClusterQuery query)
    {
        Asked.Add(query);
        return Response;
    }
}
