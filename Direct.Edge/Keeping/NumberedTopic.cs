using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>
/// Numbers the messages of one topic, on a node that is not part of a cluster. It has a random epoch, so that a position of an earlier log of the same
/// topic, or of an earlier run of the process, is not taken for one of this.
/// </summary>
internal sealed class NumberedTopic(Topic topic, KeptTopicContext context) : KeptTopic(topic, context)
{
    private readonly long _epoch = Random.Shared.NextInt64(1, long.MaxValue);

    protected override long CurrentEpoch => _epoch;

    /// <summary>Numbers a message, keeps it, and delivers it to the members. Returns false if this topic has been retired.</summary>
    public bool TryPublish(Target target, ReadOnlySpan<byte> payload, out int connections)
    {
        connections = 0;
        lock (Gate)
        {
            if (IsRetired)
            {
                return false;
            }

            var offset = Append(EntryOf(target, payload));
            connections = Context.Index.Publish(Topic, target, payload, new Stamp(_epoch, offset), Audience.Both);
            return true;
        }
    }

    protected override PositionStatus CheckUnderGate(Stamp position) =>
        position.Epoch == _epoch && position.Offset <= Ring.Head ? PositionStatus.Covered : PositionStatus.Unknown;
}
