using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Shares calls to one silo among lanes. A few calls are in flight at a time, and each takes the next batch of every lane that is ready. A lane is
/// in one call at a time, so its order does not depend on the order in which calls are answered.
/// </summary>
/// <param name="key">The publisher's key.</param>
/// <param name="grain">The publisher.</param>
/// <param name="gatherFor">
/// A lane that becomes ready within this time after a call has begun waits for the end of that call, and leaves together with all others that do,
/// because a call costs several times as much as a batch in it.
/// </param>
/// <param name="publisher">Owns the calls of outboxes.</param>
/// <param name="pipes">Learns which silo has answered.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">For all pipes.</param>
internal sealed partial class PublishPipe(
    int key, IPublisherGrain grain, TimeSpan gatherFor, LanePublisher publisher, PublishPipes pipes, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxCalls = 4;
    private const int MaxCallBytes = 256 * 1024;

    // A silo that has not answered is avoided for a while, because it may hang and delay the lanes of other silos.
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Queue<LaneOutbox> _ready = new();
    private volatile StrongBox<Guid> _silo = new();
    private int _calls;
    private long _calledAt;
    private long _failedAt;

    public int Key => key;

    /// <summary>Gets or sets the silo that has answered last; empty before the first answer.</summary>
    public Guid Silo
    {
        get => _silo.Value;
        set => _silo = new StrongBox<Guid>(value); // a reference, because several calls may be answered at once
    }

    /// <summary>Gets whether a call has failed recently.</summary>
    public bool IsAvoided => Volatile.Read(ref _failedAt) is not 0 and var failedAt && timeProvider.GetElapsedTime(failedAt) < AvoidFor;

    /// <summary>Queues an outbox, whose next batch goes with one of the next calls.</summary>
    public void Add(LaneOutbox outbox)
    {
        lock (_gate)
        {
            _ready.Enqueue(outbox);
            if (_calls == MaxCalls || (_calls > 0 && timeProvider.GetElapsedTime(_calledAt) < gatherFor))
            {
                return;
            }

            _calls++;
            _calledAt = timeProvider.GetTimestamp();
        }

        Background.Post(static pipe => _ = pipe.RunAsync(), this); // it does not throw
    }

    private async Task RunAsync()
    {
        var outboxes = new List<LaneOutbox>();
        var requests = new List<PublishRequest>();
        while (true)
        {
            Take(outboxes, requests);
            if (requests.Count == 0)
            {
                lock (_gate)
                {
                    if (_ready.Count > 0)
                    {
                        continue;
                    }

                    _calls--;
                    return;
                }
            }

            MarkCalled();

            var answer = await TryPublishAsync([.. requests]);
            for (var i = 0; i < outboxes.Count; i++)
            {
                publisher.EndCall(outboxes[i], answer?.Answers[i]);
            }

            outboxes.Clear();
            requests.Clear();
        }
    }

    private void MarkCalled()
    {
        lock (_gate)
        {
            _calledAt = timeProvider.GetTimestamp();
        }
    }

    private void Take(List<LaneOutbox> outboxes, List<PublishRequest> requests)
    {
        var bytes = 0;
        while (bytes < MaxCallBytes && TryDequeue(out var next))
        {
            if (IsAvoided)
            {
                publisher.Send(next); // by another way, which does not wait for this silo
            }
            else if (publisher.TryTake(next, out var request))
            {
                outboxes.Add(next);
                requests.Add(request);
                bytes += request.Batch.QueuedBytes;
            }
        }
    }

    private bool TryDequeue([NotNullWhen(true)] out LaneOutbox? next)
    {
        lock (_gate)
        {
            return _ready.TryDequeue(out next);
        }
    }

    // Returns null if the call has failed: its batches may have been accepted.
    private async ValueTask<PublisherAnswer?> TryPublishAsync(PublishRequest[] requests)
    {
        try
        {
            var answer = await grain.PublishAsync(requests);
            if (answer.Answers.Length == requests.Length)
            {
                Volatile.Write(ref _failedAt, 0);
                pipes.Learn(this, answer.Silo);
                return answer;
            }

            Log.Malformed(logger, answer.Silo, answer.Answers.Length, requests.Length);
        }
#pragma warning disable CA1031 // The batches are sent again after any exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, requests.Length);
        }

        Volatile.Write(ref _failedAt, timeProvider.GetTimestamp());
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.PipeFailed, LogLevel.Debug, "Publishing {Batches} batches in one call failed; each is sent again by itself")]
        public static partial void Failed(ILogger logger, Exception exception, int batches);

        [LoggerMessage(GatewayEventIds.PipeAnswerMalformed, LogLevel.Error, "Silo {Silo} has answered {Answers} of {Batches} batches; it counts as a failed try, and each is sent again by itself")]
        public static partial void Malformed(ILogger logger, Guid silo, int answers, int batches);
    }
}
