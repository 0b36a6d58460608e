using Direct.Collections;
using Direct.Edge.Backplane;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Subscriptions;

/// <summary>
/// Keeps this gateway subscribed to the topics that its connections need. A subscription is in force before the first connection counts as a member,
/// and stays for a while after the last one has left, so that a reconnect does not unsubscribe and subscribe again.
/// </summary>
/// <remarks>
/// One task at a time changes a topic, so a subscribe and an unsubscribe of the same topic never overtake each other. Topics do not wait for each
/// other.
/// </remarks>
internal sealed class TopicSubscriptions
{
    private readonly IBackplane _backplane;
    private readonly SubscriptionContext _context;
    private readonly RetiringDictionary<Topic, TopicSubscription> _subscriptions;
    private TaskCompletionSource _abandoned = NewAbandonment();
    private int _generation;

    public TopicSubscriptions(
        IBackplane backplane,
        IOptions<SubscriptionOptions> options,
        DeadlineWheel wheel,
        TimeProvider timeProvider,
        ILogger<TopicSubscriptions> logger)
    {
        _backplane = backplane;
        _context = new SubscriptionContext(new SubscriptionCalls(backplane, timeProvider, logger), wheel, options, timeProvider, Forget);
        _subscriptions = new RetiringDictionary<Topic, TopicSubscription>(topic => new TopicSubscription(topic, _context, Volatile.Read(ref _generation)));
    }

    /// <summary>Gets the number of topics that are subscribed, being subscribed, or lingering.</summary>
    public int Count => _subscriptions.Count;

    /// <summary>Gets how long a call waits for the cluster.</summary>
    public TimeSpan Timeout => _context.Options.Value.SubscribeTimeout;

    /// <summary>
    /// Acquires a topic. Returns a handle when the topic is delivered to this gateway; null if that took too long, and then nothing is held.
    /// </summary>
    public ValueTask<SubscriptionHandle?> TryAcquireAsync(Topic topic) =>
        _backplane.NeedsSubscriptions ? ConfirmAsync(new SubscriptionHandle(Acquire(topic))) : new(default(SubscriptionHandle));

    /// <summary>Acquires the topics that a connection in this group and channel needs: all of them or none.</summary>
    public ValueTask<SubscriptionHandle?> TryAcquireRoomsAsync(long group, long channel) => _backplane.NeedsSubscriptions
        ? ConfirmAsync(new SubscriptionHandle(
            group != 0 ? Acquire(Topic.Group(group)) : null,
            channel != 0 ? Acquire(Topic.Channel(channel)) : null,
            group != 0 && channel != 0 ? Acquire(Topic.Room(group, channel)) : null))
        : new(default(SubscriptionHandle));

    /// <summary>Releases a topic that was taken over from a handle with <see cref="SubscriptionHandle.Keep"/>.</summary>
    /// <param name="topic">The topic. A subscription that is held is the one under its name, until the next <see cref="Reset"/>.</param>
    /// <param name="generation">
    /// The generation in which it was acquired, as its handle has it. A release that comes after a reset does nothing.
    /// </param>
    public void Release(Topic topic, int generation)
    {
        if (_subscriptions.TryGetValue(topic, out var subscription) && subscription.Generation == generation)
        {
            subscription.Release();
        }
    }

    /// <summary>Ends every wait for the cluster as if it had taken too long, because the cluster is lost. Later calls do not wait either, until <see cref="Reset"/>.</summary>
    public void Abandon() => Volatile.Read(ref _abandoned).TrySetResult();

    /// <summary>Forgets all subscriptions, because the cluster has forgotten this gateway. Must only be called while no topic is held.</summary>
    public void Reset()
    {
        Interlocked.Increment(ref _generation);
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.End();
            Forget(subscription);
        }

        Volatile.Write(ref _abandoned, NewAbandonment());
    }

    private static TaskCompletionSource NewAbandonment() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<SubscriptionHandle?> ConfirmAsync(SubscriptionHandle handle)
    {
        var confirmed = handle.Confirmed;
        if (!confirmed.IsCompleted)
        {
            // Confirmations never fail; they complete or stay pending.
            await ((Task)Task.WhenAny(confirmed, Volatile.Read(ref _abandoned).Task))
                .WaitAsync(Timeout, _context.TimeProvider)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Read once: if a confirmation arrives now, the caller must not assume that it holds what is released here.
        if (confirmed.IsCompleted)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    private TopicSubscription Acquire(Topic topic)
    {
        var subscription = _subscriptions.GetOrAdd(topic);
        while (!subscription.TryAcquire())
        {
            subscription = _subscriptions.Replace(topic, subscription);
        }

        return subscription;
    }

    private void Forget(TopicSubscription subscription) => _subscriptions.Remove(subscription.Topic, subscription);
}
