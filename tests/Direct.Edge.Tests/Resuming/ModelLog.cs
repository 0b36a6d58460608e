using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Represents everything that was published to one topic, in order.</summary>
internal sealed class ModelLog
{
    public List<ModelMessage> Messages { get; } = [];

    /// <summary>Returns the messages of an epoch above one offset, up to another.</summary>
    public IEnumerable<ModelMessage> Between(Stamp after, long through) =>
        Messages.Where(message => message.Stamp.Epoch == after.Epoch && message.Stamp.Offset > after.Offset && message.Stamp.Offset <= through);
}

/// <summary>Represents one message.</summary>
/// <param name="Number">Its number in the run, which is its text too.</param>
/// <param name="Target">Whom it is for.</param>
/// <param name="Stamp">Its place, as the node gave it; none if it was not kept.</param>
internal readonly record struct ModelMessage(int Number, Target Target, Stamp Stamp);
