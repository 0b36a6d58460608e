using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Cluster.Tests.Models;

/// <summary>The publishing half of a gateway: one outbox after another, as its backplane makes them.</summary>
internal sealed class ModelPublisher
{
    private readonly OutboxSettings _settings;
    private volatile LaneOutbox? _outbox;

    public ModelPublisher(ModelLane lane, TimeProvider time) => _settings = new OutboxSettings(
        ModelCluster.Of(lane), new BackplaneOptions(), () => _outbox?.OldestSequence ?? long.MaxValue, new ClusterMetrics(new TestMeters()), time, NullLogger.Instance);

    /// <summary>Publishes a signal; the task is its final receipt.</summary>
    public Task<Receipt> Publish(Topic topic, string text, string? id)
    {
        var receipt = new ClusterReceipt();
        var signal = new Signal(topic, new Target(topic.Id, topic.ChannelId, 0), Encoding.UTF8.GetBytes(text), id);
        while (_outbox?.TryEnqueue(signal, receipt) is not true)
        {
            _outbox = new LaneOutbox(Lane.Of(topic.ToKey()), _settings, static _ => { });
        }

        return receipt.Completion;
    }
}
