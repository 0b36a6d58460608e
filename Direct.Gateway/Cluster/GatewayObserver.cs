using System.Text;
using Direct.Edge.Backplane;
using Direct.Gateway.Canaries;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>Implements one stripe of this gateway, which silos call.</summary>
internal sealed class GatewayObserver(
    LaneDeduplicator received, ISignalSink sink, IPresenceHandler presenceHandler, CanaryBoard canaries, GatewayLease lease, TimeProvider timeProvider) : IGatewayObserver
{
    // Delaying the answer is how an overloaded node slows its publishers down; a silo must not consider it dead.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(500);

    public async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        // First of all: a gateway that resumes after a suspension must not send outdated signals.
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

        // The process may have been suspended meanwhile; then not every accepted signal has been sent.
        return lease.IsFenced ? null : answers;
    }

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) =>
        Task.FromResult(lease.IsFenced ? null : presenceHandler.Answer(query.ToQuery()).ToWire());

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
