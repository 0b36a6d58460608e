using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Connections;

/// <summary>Holds the positions that a client has named in one message, and how long it has been receiving what it has missed since then.</summary>
internal sealed class SincePositions(DeadlineWheel wheel) : Dictionary<Topic, Stamp>
{
    public ReplayTimer Timer { get; } = new(wheel);
}
