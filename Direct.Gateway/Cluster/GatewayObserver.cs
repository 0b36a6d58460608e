using System.Text;
using Direct.Edge.Backplane;
using Direct.Gateway.Canaries;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>One stripe of this gateway, as silos call it.</summary>
internal sealed class GatewayObserver(
    LaneDeduplicator received, ISignalSink sink, IPresenceHandler desk, CanaryBoard canaries, GatewayLease lease, TimeProvider timeProvider) : IGatewayObserver
{
    // Holding the answer back is how a node that cannot keep up slows its publishers down; a silo must not take it for dead.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(500);

    public async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        // First of all: a gateway that was frozen and wakes up must not send what is old by now.
        if (lease.IsFenced)
        {
            return null;
        }

        var answers = received.Deliver(batches);
        NoteCanaries(batches);
        foreach (var batch in batches)
        {
            var ready = sink.ReadyAsync(batch.Signals[^1].Topic.ToTopic(), CancellationToken.None);
            if (!ready.IsCompletedSuccessfully)
            {
                await ready.AsTask().TryWaitAsync(LongestHold, timeProvider);
                break;
            }
        }

        // It may have been frozen meanwhile, and then not all that was taken is sent.
        return lease.IsFenced ? null : answers;
    }

    public Task<ConnectionReply?> QueryAsync(ConnectionQuestion question) =>
        Task.FromResult(lease.IsFenced ? null : desk.Answer(question.ToQuestion()).ToWire());

    private void NoteCanaries(SignalBatch[] batches)
    {
        foreach (var batch in batches)
        {
            if (batch.Lane.Scope is TopicScope.Canary)
            {
                var canary = batch.Signals[0];
                canaries.Arrived(Encoding.UTF8.GetString(canary.Payload), canary.Sequence);
            }
        }
    }
}
