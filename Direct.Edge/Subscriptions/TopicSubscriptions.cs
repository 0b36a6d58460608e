using Direct.Collections;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Timing;
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
internal sealed class TopicSubscriptions : ILogLeader
{
    private readonly IBackplane _backplane;
    private readonly SubscriptionContext _context;
    private readonly KeptTopics? _kept; // null unless this node is a keeper
    private readonly RetiringDictionary<Topic, TopicSubscription> _subscriptions;
    private TaskCompletionSource _abandoned = NewAbandonment();
    private int _generation;

    public TopicSubscriptions(
        IBackplane backplane,
        IOptions<SubscriptionOptions> options,
        DeadlineWheel wheel,
        TimeProvider timeProvider,
        ILogger<TopicSubscriptions> logger,
        KeptTopics? kept = null)
    {
        _backplane = backplane;
        _kept = kept is { Follows: true } ? kept : null;
        _kept?.Connect(this);
        _context = new SubscriptionContext(new SubscriptionCalls(backplane, timeProvider, logger), wheel, options, timeProvider, _kept, Forget);
        _subscriptions = new RetiringDictionary<Topic, TopicSubscription>(topic => new TopicSubscription(topic, _context, Volatile.Read(ref _generation)));
    }

    /// <summary>Gets the number of topics that are subscribed, being subscribed, or lingering.</summary>
    public int Count => _subscriptions.Count;

    /// <summary>Gets how long a call waits for the cluster.</summary>
    public TimeSpan Timeout => _context.Options.Value.SubscribeTimeout;

    /// <summary>Gets how long a topic stays after its last local connection has left.</summary>
    public TimeSpan Linger => _context.Options.Value.SubscriptionLinger;

    public TimeProvider TimeProvider => _context.TimeProvider;

    /// <summary>
    /// Acquires a topic. Returns a handle when the topic is delivered to this gateway; null if that took too long, and then nothing is held.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keeps">Whether its messages are kept from then on, if such a topic is kept. It is for a connection that speaks <c>direct.2</c>.</param>
    public ValueTask<SubscriptionHandle?> TryAcquireAsync(Topic topic, bool keeps = false) =>
        !_backplane.NeedsSubscriptions ? new(default(SubscriptionHandle))
        : keeps && _kept is not null ? ConfirmKeptAsync(() => new SubscriptionHandle(Acquire(topic)), topic)
        : ConfirmAsync(new SubscriptionHandle(Acquire(topic)));

    /// <summary>Acquires the topics that a connection in this group and channel needs: all of them or none.</summary>
    /// <param name="group">The group; 0 for none.</param>
    /// <param name="channel">The channel; 0 for none.</param>
    /// <param name="keeps">Whether their messages are kept from then on.</param>
    public ValueTask<SubscriptionHandle?> TryAcquireRoomsAsync(long group, long channel, bool keeps = false) =>
        !_backplane.NeedsSubscriptions ? new(default(SubscriptionHandle))
        : keeps && _kept is not null ? ConfirmKeptAsync(() => AcquireRooms(group, channel), [.. new RoomId(group, channel).Topics])
        : ConfirmAsync(AcquireRooms(group, channel));

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

        _kept?.Reset();
        Volatile.Write(ref _abandoned, NewAbandonment());
    }

    void ILogLeader.Follow(Topic topic)
    {
        if (_kept!.FindFollowed(topic) is null)
        {
            _subscriptions.GetValueOrDefault(topic)?.Follow();
            return;
        }

        var subscription = _subscriptions.GetOrAdd(topic);
        while (!subscription.Follow())
        {
            subscription = _subscriptions.Replace(topic, subscription);
        }
    }

    void ILogLeader.Reopen(Topic topic) => _subscriptions.GetValueOrDefault(topic)?.Reopen();

    Task<bool> ILogLeader.TryFetchAsync(FollowedTopic topic, LogRange range) => _context.Calls.TryFetchAsync(topic, range);

    private static TaskCompletionSource NewAbandonment() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The topics are held first, so that the first subscribe is one with keep, and until the caller holds them.
    private async ValueTask<SubscriptionHandle?> ConfirmKeptAsync(Func<SubscriptionHandle> acquire, params Topic[] topics)
    {
        var all = _kept!.HoldAll();
        var kept = Array.ConvertAll(topics, _kept.Hold);
        try
        {
            return await ConfirmAsync(acquire(), Task.WhenAll(kept.Append(all).OfType<FollowedTopic>().Select(static topic => topic.Opened.InContext())));
        }
        finally
        {
            Array.ForEach(kept, topic => topic?.Release(Linger));
        }
    }

    private async ValueTask<SubscriptionHandle?> ConfirmAsync(SubscriptionHandle handle, Task? opened = null)
    {
        var confirmed = opened is null ? handle.Confirmed : Task.WhenAll(handle.Confirmed, opened);
        if (!confirmed.IsCompleted)
        {
            // Confirmations never fail; they complete or stay pending.
            await Task.WhenAny(confirmed, Volatile.Read(ref _abandoned).Task.InContext()).TryWaitAsync(Timeout, _context.TimeProvider);
        }

        // Read once: if a confirmation arrives now, the caller must not assume that it holds what is released here.
        if (confirmed.IsCompleted)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    private SubscriptionHandle AcquireRooms(long group, long channel) => new(
        group != 0 ? Acquire(Topic.Group(group)) : null,
        channel != 0 ? Acquire(Topic.Channel(channel)) : null,
        group != 0 && channel != 0 ? Acquire(Topic.Room(group, channel)) : null);

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
