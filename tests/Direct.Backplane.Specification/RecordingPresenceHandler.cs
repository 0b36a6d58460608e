using System.Collections.Concurrent;
using Direct.Edge.Backplane;

namespace Direct.Backplane.Specification;

/// <summary>Implements one gateway's presence handler: keeps what it is asked, and answers what the test says.</summary>
public sealed class RecordingPresenceHandler : IPresenceHandler
{
    private readonly ConcurrentQueue<ClusterQuery> _asked = new();

    /// <summary>Gets or sets what it answers.</summary>
    public GatewayResponse Response { get; set; } = new(0);

    public IReadOnlyCollection<ClusterQuery> Asked => _asked;

    public GatewayResponse Answer(ClusterQuery query)
    {
        _asked.Enqueue(query);
        return Response;
    }
}
