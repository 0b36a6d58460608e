using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Edge.Subscriptions;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Groups what every connection and its parts use, so that each holds one reference instead of one for each service.</summary>
internal sealed class ConnectionDependencies(
    IOptions<ConnectionOptions> options,
    EffectiveLimits limits,
    FrameHandler frames,
    TopicIndex index,
    TopicSubscriptions subscriptions,
    KeptTopics kept,
    QueueBudget queues,
    DeadlineWheel wheel,
    NodeGate gate)
{
    public ConnectionOptions Options { get; } = options.Value;

    public EffectiveLimits Limits => limits;

    public FrameHandler Frames => frames;

    public TopicIndex Index => index;

    public TopicSubscriptions Subscriptions => subscriptions;

    public KeptTopics Kept => kept;

    /// <summary>Gets the memory budget that all connections share for their queues.</summary>
    public QueueBudget Queues => queues;

    public DeadlineWheel Wheel => wheel;

    public NodeGate Gate => gate;
}
