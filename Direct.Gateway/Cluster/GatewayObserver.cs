using System.Text;
using Direct.Edge.Backplane;
using Direct.Gateway.Canaries;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>Implements one stripe of this gateway, which silos call while it holds the lease with this id.</summary>
internal sealed class GatewayObserver(
    Guid id, LaneDeduplicator received, ISignalSink sink, IPresenceHandler presenceHandler, CanaryBoard canaries, GatewayLease lease, TimeProvider timeProvider) : IGatewayObserver
{
    // Delaying the answer is how an overloaded node slows its publishers down; a silo must not consider it dead.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(500);

    // A silo may deliver before the gateway has the answer to its registration.
    private bool IsOver => lease.IsFenced || (lease.Id is { } current && current != id);

    public async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        // First of all: a gateway that resumes after a suspension must not send outdated signals.
        if (IsOver)
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
        return IsOver ? null : answers;
    }

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) =>
        Task.FromResult(IsOver ? null : presenceHandler.Answer(query.ToQuery()).ToWire());

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
