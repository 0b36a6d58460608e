using System.Collections.Concurrent;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents the receiving half of a gateway with members of one topic that join and leave, and records its deliveries.</summary>
internal sealed class ModelGateway : ISignalSink
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, int> _delivered = new();
    private readonly WantedTopics _wanted = new();
    private int _members;

    public ModelGateway(TimeProvider time) => Received = new LaneDeduplicator(this, _wanted, time);

    public Guid Id { get; } = Guid.NewGuid();

    public LaneDeduplicator Received { get; }

    /// <summary>Returns how many members received a message; repeated deliveries count again.</summary>
    public int Delivered(string text) => _delivered.GetValueOrDefault(text);

    /// <summary>Lets members join and leave. The topic is subscribed before the first member joins, and unsubscribed as soon as the last has left.</summary>
    public async Task RunAsync(ModelLane lane, TopicKey topic, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var number = _wanted.Want(topic);
            while (!await lane.TrySubscribeAsync(topic, Id, number))
            {
                await Task.Yield();
            }

            for (var i = Random.Shared.Next(1, 4); i > 0; i--)
            {
                Add(1);
                await lane.PauseAsync();
            }

            lock (_gate)
            {
                _members = 0;
            }

            await lane.UnsubscribeAsync(topic, Id, _wanted.Unwant(topic));
            await lane.PauseAsync();
        }
    }

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        for (var i = 0; i < signals.Length; i++)
        {
            var text = Encoding.UTF8.GetString(signals[i].Payload.Span);
            lock (_gate)
            {
                deliveries[i] = new Delivery(ReceiptStatus.Delivered, _members);
                _delivered.AddOrUpdate(text, _members, (_, before) => before + _members);
            }
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => default;

    private void Add(int members)
    {
        lock (_gate)
        {
            _members += members;
        }
    }
}
