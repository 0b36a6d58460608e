using System.Collections.Concurrent;
using Direct.Edge.Backplane;

namespace Direct.Backplane.Specification;

/// <summary>Implements a presence handler that records queries and returns a response that the test sets.</summary>
public sealed class RecordingPresenceHandler : IPresenceHandler
{
    private readonly ConcurrentQueue<ClusterQuery> _asked = new();

    /// <summary>Gets or sets the response.</summary>
    public GatewayResponse Response { get; set; } = new(0);

    public IReadOnlyCollection<ClusterQuery> Asked => _asked;

    public GatewayResponse Answer(ClusterQuery query)
    {
        _asked.Enqueue(query);
        return Response;
    }
}
