using System.Collections.Concurrent;
using Direct.Edge.Backplane;

namespace Direct.Backplane.Specification;

/// <summary>One gateway's desk: keeps what it is asked, and answers what the test says.</summary>
public sealed class RecordingDesk : IGatewayDesk
{
    private readonly ConcurrentQueue<GatewayQuestion> _asked = new();

    /// <summary>What it answers.</summary>
    public GatewayReply Reply { get; set; } = new(0);

    public IReadOnlyCollection<GatewayQuestion> Asked => _asked;

    public GatewayReply Answer(GatewayQuestion question)
    {
        _asked.Enqueue(question);
        return Reply;
    }
}
