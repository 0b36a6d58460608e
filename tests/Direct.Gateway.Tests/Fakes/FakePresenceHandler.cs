using Direct.Edge.Backplane;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a presence handler that records the queries.</summary>
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
