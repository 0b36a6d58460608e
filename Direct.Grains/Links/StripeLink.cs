using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>
/// What waits for one observer of one gateway, and the pump that hands it over: one awaited call under way, as many batches in it as
/// wait, and again and again the same ones until they are answered or the gateway is gone. So its order holds whatever fails.
/// </summary>
internal sealed partial class StripeLink(IGatewayObserver observer, string gateway, LinkSettings settings)
{
    private readonly Lock _gate = new();
    private readonly Queue<Item> _waiting = new();
    private Item[] _underWay = [];
    private Task _pumping = Task.CompletedTask;
    private bool _isPumping;
    private bool _isClosed;
    private long _unansweredSince; // the first try of what is under way; 0 when nothing is

    /// <summary>Whether what is under way has gone unanswered for so long that nobody should wait for it.</summary>
    public bool IsStuck => IsUnansweredFor(settings.StuckAfter);

    /// <summary>Whether it has gone unanswered for longer than a gateway holds its answer back that only wants to slow down.</summary>
    public bool IsHung => IsUnansweredFor(settings.HungAfter);

    /// <summary>Puts a batch behind all that wait. The task has the answers, or null when the gateway is gone.</summary>
    public Task<GatewayAnswer[]?> Send(SignalBatch batch)
    {
        var item = new Item(batch);
        lock (_gate)
        {
            if (_isClosed)
            {
                return Task.FromResult<GatewayAnswer[]?>(null);
            }

            settings.Waiting(item.Bytes);
            _waiting.Enqueue(item);
            if (!_isPumping)
            {
                _isPumping = true;
                _pumping = Task.Run(PumpAsync);
            }
        }

        return item.Answered.Task;
    }

    /// <summary>The gateway's lease is over: nobody waits for it any more.</summary>
    public void Close()
    {
        List<Item> abandoned;
        lock (_gate)
        {
            _isClosed = true;
            abandoned = [.. _underWay, .. _waiting]; // a call to a process that has ended is answered by its timeout only
            settings.Waiting(-_waiting.Sum(static item => (long)item.Bytes));
            _waiting.Clear();
        }

        abandoned.ForEach(item => item.Answered.TrySetResult(null));
    }

    private async Task PumpAsync()
    {
        var items = new List<Item>();
        while (TryTake(items))
        {
            var answers = await DeliverAsync([.. items.Select(item => item.Batch)]);
            var taken = 0;
            foreach (var item in items)
            {
                var count = item.Batch.Signals.Length;
                settings.Waiting(-item.Bytes);
                item.Answered.TrySetResult(answers?[taken..(taken + count)]);
                taken += count;
            }

            items.Clear();
        }
    }

    private bool TryTake(List<Item> items)
    {
        lock (_gate)
        {
            var bytes = 0;
            while (_waiting.TryPeek(out var next) && (items.Count == 0 || bytes + next.Bytes <= settings.MaxCallBytes))
            {
                bytes += next.Bytes;
                items.Add(_waiting.Dequeue());
            }

            _underWay = [.. items];
            return _isPumping = items.Count > 0;
        }
    }

    // The answers; null when the gateway is gone.
    private async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        var expected = batches.Sum(batch => batch.Signals.Length);
        var delay = settings.FirstRetryDelay;
        var isMalformedLogged = false;
        Volatile.Write(ref _unansweredSince, settings.TimeProvider.GetTimestamp());
        while (!Volatile.Read(ref _isClosed))
        {
            try
            {
                if (settings.IsFenced())
                {
                    // A silo that was frozen and wakes up holds what others have delivered since, and gateways may have forgotten.
                    await Task.Delay(settings.FirstRetryDelay, settings.TimeProvider);
                    continue;
                }

                var answers = await observer.DeliverAsync(batches);
                if (answers is not null && answers.Length == expected)
                {
                    Volatile.Write(ref _unansweredSince, 0);
                    return answers;
                }

                if (answers is not null && !isMalformedLogged)
                {
                    isMalformedLogged = true;
                    Log.Malformed(settings.Logger, gateway, answers.Length, expected);
                }
            }
#pragma warning disable CA1031 // The top of a loop: whatever the call throws, the batch must be tried again while the gateway has its lease.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(settings.Logger, exception, gateway, expected);
                settings.DeliveryFailed();
            }

            await Task.Delay(delay, settings.TimeProvider);
            delay = Backoff.Next(delay, settings.LongestRetryDelay);
        }

        return null;
    }

    private bool IsUnansweredFor(TimeSpan span)
    {
        var since = Volatile.Read(ref _unansweredSince);
        return since != 0 && settings.TimeProvider.GetElapsedTime(since) > span;
    }

    private sealed class Item(SignalBatch batch)
    {
        private const int EnvelopeBytes = 100;

        public SignalBatch Batch { get; } = batch;

        public int Bytes { get; } = batch.Signals.Sum(signal => signal.Payload.Length + EnvelopeBytes);

        public TaskCompletionSource<GatewayAnswer[]?> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.DeliveryFailed, LogLevel.Warning, "Handing {Signals} signals to gateway {Gateway} failed, trying again")]
        public static partial void Failed(ILogger logger, Exception exception, string gateway, int signals);

        [LoggerMessage(GrainEventIds.AnswerMalformed, LogLevel.Error, "Gateway {Gateway} has answered {Answers} of {Signals} signals; it counts as a failed try, and they are handed over again")]
        public static partial void Malformed(ILogger logger, string gateway, int answers, int signals);
    }
}

/// <summary>What all links of a silo share.</summary>
internal sealed record LinkSettings(TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Whether this silo may not speak for the cluster now.</summary>
    public Func<bool> IsFenced { get; init; } = static () => false;

    /// <summary>Told of each call that fails.</summary>
    public Action DeliveryFailed { get; init; } = static () => { };

    /// <summary>Told how many bytes more wait, or fewer.</summary>
    public Action<long> Waiting { get; init; } = static _ => { };

    /// <summary>How much one call carries at most, unless a single batch is larger.</summary>
    public int MaxCallBytes { get; init; } = 256 * 1024;

    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
