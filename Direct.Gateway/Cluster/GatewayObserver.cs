using Direct.Edge.Backplane;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>One stripe of this gateway, as silos call it.</summary>
internal sealed class GatewayObserver(
    LaneDeduplicator received, ISignalSink sink, IPresenceHandler presenceHandler, GatewayLease lease, TimeProvider timeProvider) : IGatewayObserver
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

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) =>
        Task.FromResult(lease.IsFenced ? null : presenceHandler.Answer(query.ToQuery()).ToWire());
}
