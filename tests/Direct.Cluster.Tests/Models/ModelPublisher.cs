using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents the publishing half of a gateway: a sequence of outboxes, as its backplane creates them.</summary>
internal sealed class ModelPublisher
{
    private readonly OutboxContext _outboxes;
    private volatile LaneOutbox? _outbox;

    public ModelPublisher(ModelLane lane, TimeProvider time)
    {
        var options = new BackplaneOptions();
        var sequence = new PublishSequence(() => _outbox?.OldestSequence ?? long.MaxValue, time);
        var publisher = new LanePublisher(ModelCluster.Of(lane), sequence.Publisher, time, NullLogger.Instance);
        _outboxes = new OutboxContext(
            sequence, new UnresponsiveBytes(options.MaxUnresponsiveBytes), new ClusterMetrics(new TestMeters()), time, NullLogger.Instance)
        {
            MaxLaneBytes = options.MaxLaneBytes,
            BroadcastTimeout = options.BroadcastTimeout,
            Ready = publisher.Send,
            Retired = static _ => { },
        };
    }

    /// <summary>Publishes a signal. Returns a task with its final receipt.</summary>
    public Task<Receipt> Publish(Topic topic, string text, string? id)
    {
        var receipt = new ClusterReceipt();
        var signal = new Signal(topic, new Target(topic.Id, topic.ChannelId, 0), Encoding.UTF8.GetBytes(text), id);
        while (_outbox?.TryEnqueue(signal, topic.ToKey(), receipt) is not true)
        {
            _outbox = new LaneOutbox(Lane.Of(topic.ToKey()), _outboxes);
        }

        return receipt.Completion;
    }
}
