using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Publishes the broadcasts of clients to their rooms, and makes a sender wait while the queues are full.</summary>
internal sealed class BroadcastPublisher(IBackplane backplane, QueueBudget queues, IOptions<ConnectionOptions> options)
{
    private readonly UnjoinedBroadcast _unjoined = options.Value.UnjoinedBroadcast;

    /// <summary>Publishes a client's text to its room. Completes when the client may send more.</summary>
    /// <param name="group">The client's group.</param>
    /// <param name="channel">The client's channel.</param>
    /// <param name="text">Valid UTF-8. The memory is read during the call only.</param>
    public ValueTask PublishAsync(long group, long channel, ReadOnlyMemory<byte> text)
    {
        var target = new Target(group, channel, 0);
        var topic = Topic.For(target);
        if (topic.Kind is TopicKind.All)
        {
            if (_unjoined is UnjoinedBroadcast.None)
            {
                return default;
            }

            topic = _unjoined is UnjoinedBroadcast.Lobby ? Topic.Lobby : Topic.All;
        }

        backplane.Publish(new Signal(topic, target, text, NeedsReceipt: false));
        return ReadyAsync(topic);
    }

    /// <summary>Publishes what a client says in a room that it has joined.</summary>
    /// <param name="room">The room.</param>
    /// <param name="text">Valid UTF-8. The memory is read during the call only.</param>
    /// <param name="id">Identifies a repeat; null if the client gave no id.</param>
    /// <param name="needsReceipt">Whether the caller uses the result.</param>
    public PublishResult Say(RoomId room, ReadOnlyMemory<byte> text, string? id, bool needsReceipt) =>
        backplane.Publish(new Signal(room.Topic, room.Target, text, id, needsReceipt));

    /// <summary>Completes when the client may send more to a topic.</summary>
    public ValueTask ReadyAsync(Topic topic)
    {
        var memory = queues.ReadyAsync();
        return memory.IsCompletedSuccessfully ? backplane.ReadyAsync(topic, CancellationToken.None) : WaitAsync(memory, topic);
    }

    private async ValueTask WaitAsync(ValueTask memory, Topic topic)
    {
        await memory;
        await backplane.ReadyAsync(topic, CancellationToken.None);
    }
}
