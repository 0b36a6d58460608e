using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Shares calls to one silo among lanes. Each call takes the next batch of every lane that is ready. A lane is in one call at a time, so its order does
/// not depend on the order in which calls are answered.
/// </summary>
/// <remarks>
/// A call costs several times as much as a batch in it. Calls to one silo therefore follow one another: lanes that become ready meanwhile share the
/// next call, and publishers that the last one has answered have a moment to send more. A call that takes long holds nobody up: the next one does not wait for it.
/// </remarks>
/// <param name="key">The publisher's key.</param>
/// <param name="grain">The publisher.</param>
/// <param name="gathers">Whether calls follow one another. Otherwise a few are in flight at a time, because each may wait for a silo that hangs.</param>
/// <param name="publisher">Owns the calls of outboxes.</param>
/// <param name="pipes">Learns which silo has answered.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">For all pipes.</param>
internal sealed partial class PublishPipe(
    int key, IPublisherGrain grain, bool gathers, LanePublisher publisher, PublishPipes pipes, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxCalls = 4;
    private const int MaxCallBytes = 256 * 1024;

    // About the time in which publishers that have been answered send their next signals, under load.
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(1);

    // A silo answers within 20 ms, except when it forwards batches to a silo that hangs.
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(30);

    // A silo that has not answered is avoided for a while, because it may hang and delay the lanes of other silos.
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Queue<LaneOutbox> _ready = new();
    private volatile StrongBox<Guid> _silo = new();
    private int _calls;
    private long _calledAt;
    private bool _isWatched;
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
            if (gathers && _calls > 0)
            {
                WatchIfNeeded();
                return;
            }

            if (_calls == MaxCalls)
            {
                return;
            }

            BeginCalls();
        }

        Background.Post(static pipe => _ = pipe.RunAsync(), this); // it does not throw
    }

    // Under the gate.
    private void BeginCalls()
    {
        _calls++;
        _calledAt = timeProvider.GetTimestamp();
    }

    // Under the gate.
    private void WatchIfNeeded()
    {
        if (!_isWatched)
        {
            _isWatched = true;
            _ = WatchAsync(); // it does not throw
        }
    }

    // Begins another call for what waits, when a call takes long.
    private async Task WatchAsync()
    {
        while (true)
        {
            await Task.Delay(SlowAfter, timeProvider);
            lock (_gate)
            {
                if (_ready.Count == 0)
                {
                    _isWatched = false;
                    return;
                }

                if (_calls == MaxCalls || timeProvider.GetElapsedTime(_calledAt) < SlowAfter)
                {
                    continue;
                }

                BeginCalls();
            }

            _ = RunAsync(); // it does not throw
        }
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

            var isShared = requests.Count > 1;
            outboxes.Clear();
            requests.Clear();
            if (gathers && isShared)
            {
                await Task.Delay(GatherFor, timeProvider);
            }
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
