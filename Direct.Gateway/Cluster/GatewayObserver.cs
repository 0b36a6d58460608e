using System.Text;
using Direct.Edge.Backplane;
using Direct.Gateway.Canaries;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>Implements one stripe of this gateway, which silos call while it holds one lease.</summary>
internal sealed class GatewayObserver(
    LaneDeduplicator received,
    ISignalSink sink,
    IPresenceHandler presenceHandler,
    RecoveryHandler recovery,
    CanaryBoard canaries,
    GatewayLease lease,
    TimeProvider timeProvider) : IGatewayObserver
{
    // Delaying the answer is how an overloaded node slows its publishers down; a silo must not consider it dead.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(500);

    private volatile bool _hasEnded;

    // It is not over before the gateway has the answer to its registration: a silo may deliver earlier.
    private bool IsOver => _hasEnded || lease.IsFenced;

    /// <summary>
    /// Records that the lease has ended. Between this lease and the next one the gateway is not fenced, and a late call must not be answered: the gateway no longer wants any topic, and its answer would
    /// end the logs of topics that only it has kept.
    /// </summary>
    public void End() => _hasEnded = true;

    public async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        // First of all: a gateway that resumes after a suspension must not send outdated signals.
        if (IsOver)
        {
            return null;
        }

        var answers = received.Deliver(batches, out var visible);
        NoteCanaries(batches);
        if (visible is not null)
        {
            if (await WhenVisibleAsync(batches, visible) is not { } later)
            {
                return null;
            }

            answers = later;
        }

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

    public Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests) => Task.FromResult(IsOver ? null : recovery.Recover(requests));

    public Task<TailPage> ReadKeptAsync(FetchRequest request) => Task.FromResult(IsOver ? TailPage.NotReady : recovery.Read(request));

    public Task<bool> KeepAsync(KeepRequest[] requests) => Task.FromResult(!IsOver && recovery.Keep(requests));

    // A publisher may forget what all gateways have acknowledged, so that must be in the logs. A repeat of the batches says whether it is, and how many
    // connections have received it meanwhile.
    private async Task<GatewayAnswer[]?> WhenVisibleAsync(SignalBatch[] batches, Task visible)
    {
        var startedAt = timeProvider.GetTimestamp();
        GatewayAnswer[] answers;
        Task? next = visible;
        do
        {
            if (!await next.TryWaitAsync(LongestHold - timeProvider.GetElapsedTime(startedAt), timeProvider) || IsOver)
            {
                return null;
            }

            answers = received.Deliver(batches, out next);
        }
        while (next is not null);
        return answers;
    }

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
