using Direct.Edge.Keeping;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Timing;

namespace Direct.Edge.Subscriptions;

/// <summary>
/// Keeps the cluster's subscription of one topic in step with its local holders: it is subscribed from the first holder until the linger after the
/// last one is over. While the topic is kept, it is subscribed with keep, also without holders.
/// </summary>
/// <remarks>
/// <code>
///    Idle --held--> Subscribing --confirmed--> Subscribed
///    ^  |             |    ^                        |
///    |  |      failed |    | held                   | unwanted
///    |  |             v    |                        v
///    |  |          Unconfirmed ----unwanted---> Unsubscribing
///    |  |                                           |
///    +--|-------------------------------------------+ answered or failed
///       |
///       +--unwanted--> Ended
/// </code>
/// Held means that there are holders, or that the topic is kept; unwanted that there is neither, and the linger is over. Between the two the topic lingers: it stays
/// subscribed if it is, and a subscribe that fails is not repeated. From Subscribed the state returns to Subscribing when the topic begins to be kept, when
/// it ends while there are holders, and when <see cref="Reopen"/> is called. Holders do not notice that.
/// <para>
/// In Subscribing and Unsubscribing one task is at work, the only one that calls the cluster about this topic, so that a subscribe and an
/// unsubscribe never overtake each other. Holders who come and go meanwhile change nothing but their number. When the call has returned
/// (after a failed subscribe, when the pause before the next try is over), the task takes the state that the arrow leads to, and from
/// there at once the next arrow that applies. It ends in a state from which none does. From there the thread that acquires takes the next
/// arrow, or the wheel at the end of the linger.
/// </para>
/// <para>
/// The gate guards the state and all other fields. <see cref="Release"/> takes the wheel's lock inside it; the cluster and
/// <see cref="SubscriptionContext.Ended"/> are called outside it. Ended is final, and <see cref="End"/> leads there from every state: a
/// task that is at work then ends when its call has returned, and the next one who acquires makes a new subscription.
/// </para>
/// </remarks>
internal sealed class TopicSubscription(Topic topic, SubscriptionContext context, int generation = 0) : DeadlineWheel.Entry
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private TaskCompletionSource _confirmed = NewConfirmation();
    private int _holders;
    private SubscriptionState _state;
    private FollowedTopic? _kept; // the topic for which the cluster has answered a subscribe with keep
    private int _reopened; // how often the topic was to be opened again
    private int _answered; // that number when the last subscribe began that was answered

    public Topic Topic { get; } = topic;

    /// <summary>Gets how often <see cref="TopicSubscriptions.Reset"/> had been called when this subscription was created.</summary>
    public int Generation { get; } = generation;

    /// <summary>Completes when the cluster delivers the topic; it never fails. Only for holders: it stays the same while the topic is held.</summary>
    public Task Confirmed => _confirmed.Task;

    // Under the gate. Uses the clock of the wheel: if a holder has come and gone after the wheel found the linger over, another linger runs.
    private bool IsUnwanted => _holders == 0 && Kept is null && context.Wheel.NowMs >= DueMs;

    private bool IsHeld => _holders > 0 || Kept is not null;

    private FollowedTopic? Kept => context.Kept?.FindFollowed(Topic);

    /// <summary>Adds a holder. Returns false if this subscription has ended; the caller then creates a new one.</summary>
    public bool TryAcquire()
    {
        lock (_gate)
        {
            if (_state is SubscriptionState.Ended)
            {
                return false;
            }

            _holders++;
            FollowFromRest();
            return true;
        }
    }

    /// <summary>Removes a holder. The last one starts the linger.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_state is not SubscriptionState.Ended && --_holders == 0)
            {
                context.Wheel.Schedule(this, context.Wheel.NowMs + (long)context.Options.Value.SubscriptionLinger.TotalMilliseconds);
            }
        }
    }

    /// <summary>Takes account of whether the topic is kept now. Returns false if this subscription has ended.</summary>
    public bool Follow()
    {
        bool hasEnded;
        lock (_gate)
        {
            hasEnded = FollowFromRest() is SubscriptionState.Ended;
        }

        if (hasEnded)
        {
            context.Ended(this);
        }

        return !hasEnded;
    }

    /// <summary>Subscribes with keep again, if the topic is kept.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _reopened++;
            FollowFromRest();
        }
    }

    /// <summary>Ends the subscription in any state. No further calls to the cluster are made for it.</summary>
    public void End()
    {
        lock (_gate)
        {
            _state = SubscriptionState.Ended;
        }

        context.Wheel.Cancel(this);
    }

    internal override void OnDue(long nowMs) => Follow();

    private static TaskCompletionSource NewConfirmation() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the gate. Starts the task if the arrow that applies leads to a call.
    private SubscriptionState FollowFromRest()
    {
        if (_state is not (SubscriptionState.Subscribing or SubscriptionState.Unsubscribing)
            && Advance() is SubscriptionState.Subscribing or SubscriptionState.Unsubscribing)
        {
            Background.Run(WorkAsync);
        }

        return _state;
    }

    // Under the gate. Takes the arrow that applies to a state without a call under way, if there is one.
    private SubscriptionState Advance()
    {
        _state = _state switch
        {
            SubscriptionState.Idle or SubscriptionState.Unconfirmed when IsHeld => SubscriptionState.Subscribing,
            SubscriptionState.Subscribed when IsHeld && (Kept != _kept || (_kept is not null && _answered != _reopened)) => SubscriptionState.Subscribing,
            SubscriptionState.Subscribed or SubscriptionState.Unconfirmed when IsUnwanted => SubscriptionState.Unsubscribing,
            SubscriptionState.Idle when IsUnwanted => SubscriptionState.Ended,
            var state => state,
        };
        if (_state is SubscriptionState.Unsubscribing)
        {
            // After this point a new holder must wait for a new subscribe call.
            _confirmed = NewConfirmation();
            _kept = null;
        }

        return _state;
    }

    private async Task WorkAsync()
    {
        var retryDelay = FirstRetryDelay;
        var state = _state; // while this task runs, others change it only to Ended
        while (state is SubscriptionState.Subscribing or SubscriptionState.Unsubscribing)
        {
            if (state is SubscriptionState.Unsubscribing)
            {
                // If it fails, the cluster sends messages without a receiver here until it notices that; this is harmless.
                await context.Calls.TryUnsubscribeAsync(Topic);
                state = Reach(SubscriptionState.Idle);
                continue;
            }

            var (kept, reopened) = (Kept, Volatile.Read(ref _reopened));
            if (await TrySubscribeAsync(kept))
            {
                state = Reach(SubscriptionState.Subscribed, kept, reopened);
                retryDelay = FirstRetryDelay;
            }
            else
            {
                await Task.Delay(retryDelay, context.TimeProvider);
                state = Reach(SubscriptionState.Unconfirmed);
                retryDelay = Backoff.Next(retryDelay, LongestRetryDelay);
            }
        }

        if (state is SubscriptionState.Ended)
        {
            context.Ended(this);
        }
    }

    // A topic that is kept no longer may be one that every gateway receives without a subscription.
    private async Task<bool> TrySubscribeAsync(FollowedTopic? kept) => kept is null
        ? !Topic.NeedsSubscription || await context.Calls.TrySubscribeAsync(Topic)
        : await context.Calls.TrySubscribeKeptAsync(kept);

    // Enters the state that a call has led to, and follows the next transition if one applies.
    private SubscriptionState Reach(SubscriptionState reached, FollowedTopic? kept = null, int reopened = 0)
    {
        lock (_gate)
        {
            if (_state is SubscriptionState.Ended)
            {
                return _state;
            }

            _state = reached;
            if (reached is SubscriptionState.Subscribed)
            {
                (_kept, _answered) = (kept, reopened);
                _confirmed.TrySetResult();
            }

            return Advance();
        }
    }
}
