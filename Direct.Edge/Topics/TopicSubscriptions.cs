using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Topics;

/// <summary>
/// Keeps this gateway subscribed to the topics its connections need: from before the first counts until a while after the last has
/// gone, so that a reconnect does not flap the cluster.
/// </summary>
/// <remarks>
/// One topic is changed by one task at a time, so a subscribe and an unsubscribe of the same topic never overtake each other; topics
/// do not wait for each other.
/// </remarks>
internal sealed partial class TopicSubscriptions(
    IBackplane backplane,
    IOptions<ConnectionOptions> options,
    DeadlineWheel wheel,
    TimeProvider timeProvider,
    ILogger<TopicSubscriptions> logger)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Topic, Subscription> _subscriptions = new();
    private long _warnedAt;
    private TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many topics are subscribed, about to be, or lingering.</summary>
    public int Count => _subscriptions.Count;

    /// <summary>Holds a topic. True once it is delivered here; false when that took too long, and then nothing is held.</summary>
    public ValueTask<bool> TryAcquireAsync(Topic topic) =>
        backplane.NeedsSubscriptions ? AcquireSlowAsync([topic]) : ValueTask.FromResult(true);

    /// <summary>Holds what a connection in this group and channel needs: all of it or nothing.</summary>
    public ValueTask<bool> TryAcquireRoomsAsync(long group, long channel) =>
        backplane.NeedsSubscriptions ? AcquireSlowAsync(RoomTopics(group, channel)) : ValueTask.FromResult(true);

    public void Release(Topic topic)
    {
        if (backplane.NeedsSubscriptions && _subscriptions.TryGetValue(topic, out var subscription))
        {
            subscription.Release();
        }
    }

    public void ReleaseRooms(long group, long channel)
    {
        if (!backplane.NeedsSubscriptions)
        {
            return;
        }

        foreach (var topic in RoomTopics(group, channel))
        {
            Release(topic);
        }
    }

    /// <summary>The cluster has been lost: nobody waits for it any more, who waits is told that it took too long. Until <see cref="Reset"/>.</summary>
    public void Abandon() => Volatile.Read(ref _abandoned).TrySetResult();

    /// <summary>The cluster has forgotten this gateway: what it was told counts no more. Only to be called when no topic is held.</summary>
    public void Reset()
    {
        foreach (var (topic, subscription) in _subscriptions)
        {
            subscription.End();
            Forget(subscription, topic);
        }

        Volatile.Write(ref _abandoned, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    private static Topic[] RoomTopics(long group, long channel) => (group, channel) switch
    {
        (0, 0) => [],
        (_, 0) => [Topic.Group(group)],
        (0, _) => [Topic.Channel(channel)],
        _ => [Topic.Group(group), Topic.Channel(channel), Topic.Room(group, channel)],
    };

    private async ValueTask<bool> AcquireSlowAsync(Topic[] topics)
    {
        var confirmed = Task.WhenAll(Array.ConvertAll(topics, Acquire));
        if (!confirmed.IsCompleted)
        {
            // Confirmations never fail; they come, or not.
            await ((Task)Task.WhenAny(confirmed, Volatile.Read(ref _abandoned).Task))
                .WaitAsync(options.Value.SubscribeTimeout, timeProvider)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Read once: a confirmation that comes now must not make the caller believe that it holds what is released here.
        if (confirmed.IsCompleted)
        {
            return true;
        }

        Array.ForEach(topics, Release);
        return false;
    }

    private Task Acquire(Topic topic)
    {
        while (true)
        {
            var subscription = _subscriptions.GetOrAdd(topic, static (topic, owner) => new Subscription(owner, topic), this);
            if (subscription.TryAcquire(out var confirmed))
            {
                return confirmed;
            }

            // Ended between the look-up and the call; it takes itself out of the dictionary.
            Thread.SpinWait(1);
        }
    }

    /// <summary>One topic: who holds it here, what the cluster was told, and the task that brings the two together.</summary>
    private sealed class Subscription(TopicSubscriptions owner, Topic topic) : DeadlineWheel.Entry
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _reconciling = Task.CompletedTask;
        private int _holders;
        private bool _isSubscribed;
        private bool _isTold; // the cluster may take it for subscribed: it is, or a try seemed to fail
        private bool _isReconciling;
        private bool _hasLingered;
        private bool _hasEnded;

        public bool TryAcquire(out Task confirmed)
        {
            lock (_gate)
            {
                confirmed = _confirmed.Task;
                if (_hasEnded)
                {
                    return false;
                }

                _holders++;
                _hasLingered = false;
                StartReconciling();
                return true;
            }
        }

        public void Release()
        {
            lock (_gate)
            {
                if (--_holders == 0)
                {
                    owner.Wheel.Schedule(this, owner.Wheel.NowMs + (long)owner.Linger.TotalMilliseconds);
                }
            }
        }

        /// <summary>Nothing more is told to the cluster about it.</summary>
        public void End()
        {
            owner.Wheel.Cancel(this);
            lock (_gate)
            {
                _hasEnded = true;
            }
        }

        internal override void OnDue(long nowMs)
        {
            lock (_gate)
            {
                // Held again in the meantime: then the next last holder starts a linger of its own.
                _hasLingered = _holders == 0;
                StartReconciling();
            }
        }

        // Under the gate.
        private void StartReconciling()
        {
            if (!_isReconciling && NextStep() is not Step.Rest)
            {
                _isReconciling = true;
                _reconciling = Task.Run(ReconcileAsync);
            }
        }

        // Under the gate.
        private Step NextStep() => (_holders > 0) switch
        {
            _ when _hasEnded => Step.Rest,
            true => _isSubscribed ? Step.Rest : Step.Subscribe,
            false when !_hasLingered => Step.Rest,
            false => _isTold ? Step.Unsubscribe : Step.End,
        };

        private async Task ReconcileAsync()
        {
            var retryDelay = FirstRetryDelay;
            while (true)
            {
                Step step;
                lock (_gate)
                {
                    step = NextStep();
                    _isReconciling = step is Step.Subscribe or Step.Unsubscribe;
                    _hasEnded |= step is Step.End;
                    _isTold |= step is Step.Subscribe;
                    if (step is Step.Unsubscribe)
                    {
                        // From here on whoever comes must wait for a new subscribe.
                        _isSubscribed = _isTold = false;
                        _confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    }
                }

                switch (step)
                {
                    case Step.Rest:
                        return;
                    case Step.End:
                        owner.Forget(this, topic);
                        return;
                    case Step.Unsubscribe:
                        // If it fails, the cluster delivers what nobody here wants until it notices; that is harmless.
                        await TryAsync(subscribe: false);
                        break;
                    default:
                        if (await TryAsync(subscribe: true))
                        {
                            Confirm();
                            retryDelay = FirstRetryDelay;
                        }
                        else
                        {
                            await Task.Delay(retryDelay, owner.Time);
                            retryDelay = retryDelay * 2 < LongestRetryDelay ? retryDelay * 2 : LongestRetryDelay;
                        }

                        break;
                }
            }
        }

        private void Confirm()
        {
            lock (_gate)
            {
                _isSubscribed = true;
                _confirmed.TrySetResult();
            }
        }

        private async Task<bool> TryAsync(bool subscribe)
        {
            try
            {
                await (subscribe
                    ? owner.Backplane.SubscribeAsync(topic, CancellationToken.None)
                    : owner.Backplane.UnsubscribeAsync(topic, CancellationToken.None));
                return true;
            }
#pragma warning disable CA1031 // The top of a loop: whatever the cluster throws, the topic must be tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                owner.Report(exception, subscribe ? "Subscribing to" : "Unsubscribing from", topic);
                return false;
            }
        }

        private enum Step
        {
            Rest,
            Subscribe,
            Unsubscribe,
            End,
        }
    }

    private DeadlineWheel Wheel => wheel;

    private TimeSpan Linger => options.Value.SubscriptionLinger;

    private TimeProvider Time => timeProvider;

    private IBackplane Backplane => backplane;

    private void Forget(Subscription subscription, Topic topic) => _subscriptions.TryRemove(KeyValuePair.Create(topic, subscription));

    // A warning a second at most: while the cluster refuses, every try of every topic fails, and strangers decide how many there are.
    private void Report(Exception exception, string action, Topic topic)
    {
        var warnedAt = Volatile.Read(ref _warnedAt);
        var isWarning = (warnedAt == 0 || timeProvider.GetElapsedTime(warnedAt) >= WarningInterval)
            && Interlocked.CompareExchange(ref _warnedAt, timeProvider.GetTimestamp(), warnedAt) == warnedAt;
        if (isWarning)
        {
            Log.Failed(logger, exception, action, topic);
        }
        else
        {
            Log.AlsoFailed(logger, exception, action, topic);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.SubscriptionFailed,
            LogLevel.Warning,
            "{Action} {Topic} failed. Others that fail within a second are logged at level Debug")]
        public static partial void Failed(ILogger logger, Exception exception, string action, Topic topic);

        [LoggerMessage(EdgeEventIds.SubscriptionFailedToo, LogLevel.Debug, "{Action} {Topic} failed")]
        public static partial void AlsoFailed(ILogger logger, Exception exception, string action, Topic topic);
    }
}
