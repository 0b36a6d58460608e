using Direct.Collections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Rights;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Keeping;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Keeping;

/// <summary>
/// Publishes messages on this node, and keeps those of topics that <c>direct.2</c> connections hold. Without such a connection, or if
/// this node keeps nothing, a message goes to the index as it is.
/// </summary>
/// <remarks>
/// A <c>direct.2</c> connection enters the index only in topics that it holds. So a message that finds its topic not kept was accepted before any such
/// connection joined, and is for the original dialect only.
/// </remarks>
internal sealed class KeptTopics : IDisposable
{
    private readonly Lock _starting = new();
    private readonly RetiringDictionary<Topic, KeptTopic> _topics;
    private readonly TopicIndex _index;
    private readonly KeepBudget _budget;
    private readonly Trimming _trimming;
    private readonly KeptUsers? _users; // null unless this node is a keeper
    private readonly bool _isOn;
    private ILogLeader? _leader;
    private bool _isUsed; // from the first connection on; on a keeper, of a lease

    public KeptTopics(
        TopicIndex index, IOptions<KeepOptions> options, IOptions<RightsOptions> rights, KeepBudget budget, DeadlineWheel wheel, GatewayMetrics metrics)
    {
        (_index, _budget, Window) = (index, budget, options.Value.Window);

        // What was published while a client had no right to read must not be replayed, and nobody knows when that was. A join that has replayed messages
        // looks at its right once more, but does not take them back: keeping and checked rights exclude each other here, and only here.
        _isOn = options.Value.Role is not KeepRole.None && Window > TimeSpan.Zero && rights.Value.Mode is RightsMode.Open;
        Follows = _isOn && options.Value.Role is KeepRole.Keeper;
        _users = Follows ? new KeptUsers() : null;
        var context = new KeptTopicContext(index, budget, wheel, options.Value.BytesPerTopic, options.Value.RemembersIdsFor, metrics, _users, Retired);
        _topics = new RetiringDictionary<Topic, KeptTopic>(
            topic => Follows ? new FollowedTopic(topic, context, _leader!) : new NumberedTopic(topic, context));
        _trimming = new Trimming(budget, wheel);
        Metrics = metrics;
        metrics.ObserveKept(() => _topics.Count, () => budget.Bytes);
    }

    /// <summary>Gets how long a topic is kept after the end of its last connection.</summary>
    public TimeSpan Window { get; }

    public GatewayMetrics Metrics { get; }

    /// <summary>Gets whether this node is a keeper, so that silos number the messages.</summary>
    public bool Follows { get; }

    /// <summary>Gets the number of kept topics.</summary>
    public int Count => _topics.Count;

    /// <summary>Returns whether the messages of a topic are kept while a <c>direct.2</c> connection is in it.</summary>
    public bool Keeps(Topic topic) => _isOn && topic.Kind is not TopicKind.Lobby && !IsAnonymous(topic);

    /// <summary>Returns whether a topic is that of an anonymous user. Strangers behind one address share it, so nobody resumes it.</summary>
    public static bool IsAnonymous(Topic topic) => topic is { Kind: TopicKind.User, Id: < 0 };

    /// <summary>Gets all kept topics of a keeper.</summary>
    public IEnumerable<FollowedTopic> Followed => _topics.Values.OfType<FollowedTopic>();

    /// <summary>Gets the kept topics of the users of one lane of a cluster.</summary>
    /// <param name="partition">The number of the lane.</param>
    public IEnumerable<FollowedTopic> UsersOf(long partition) => _users?[partition].OfType<FollowedTopic>() ?? [];

    /// <summary>Returns whether the topic of any user of one lane is kept.</summary>
    public bool HasUsersOf(long partition) => _users?.HasAny(partition) ?? false;

    /// <summary>Connects a keeper with the leaders of its logs. Called once, before any topic is held.</summary>
    public void Connect(ILogLeader leader) => _leader = leader;

    /// <summary>
    /// Keeps the topic of all connections, from the first call on; on a keeper, until its lease ends. It is kept when any call returns. Returns it, or null if
    /// nothing is kept.
    /// </summary>
    public KeptTopic? HoldAll()
    {
        if (_isOn && !Volatile.Read(ref _isUsed))
        {
            lock (_starting)
            {
                if (!_isUsed)
                {
                    Acquire(Topic.All);
                    _trimming.OnDue(0);
                    Volatile.Write(ref _isUsed, true);
                }
            }
        }

        return Find(Topic.All);
    }

    /// <summary>
    /// Holds a topic, after <see cref="HoldAll"/>. It is kept from now on, if messages of such a topic are kept; otherwise the result is null.
    /// </summary>
    public KeptTopic? Hold(Topic topic) => Keeps(topic) ? Acquire(topic) : null;

    /// <summary>Releases a topic that is held.</summary>
    /// <param name="topic">The topic, which may be one that is not kept.</param>
    /// <param name="keepFor">How long it is kept at least.</param>
    public void Release(Topic topic, TimeSpan keepFor) => Find(topic)?.Release(keepFor);

    /// <summary>Keeps a topic on a keeper for this time, without a holder; zero ends an earlier call. Returns false if such a topic is not kept, or the budget is used up.</summary>
    public bool KeepFor(Topic topic, TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
        {
            Find(topic)?.KeepFor(time);
            return true;
        }

        if (!Follows || !Keeps(topic) || (_budget.IsExceeded && Find(topic) is null))
        {
            return false;
        }

        HoldAll();
        var kept = Acquire(topic);
        kept.KeepFor(time);
        kept.Release(TimeSpan.Zero);
        return true;
    }

    /// <summary>Returns a topic if it is kept now.</summary>
    public KeptTopic? Find(Topic topic) => _isOn ? _topics.GetValueOrDefault(topic) : null;

    /// <summary>Returns a topic if this node keeps it now and is a keeper.</summary>
    public FollowedTopic? FindFollowed(Topic topic) => Follows ? _topics.GetValueOrDefault(topic) as FollowedTopic : null;

    /// <summary>Ends all topics, because the cluster has forgotten this keeper. Called while no connection holds one.</summary>
    public void Reset()
    {
        lock (_starting)
        {
            Volatile.Write(ref _isUsed, false);
            foreach (var kept in _topics.Values)
            {
                kept.Retire();
            }
        }
    }

    /// <summary>Queues a message that a silo has sent, and keeps it if the topic is kept.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="target">The members that it is for.</param>
    /// <param name="payload">The text of the message.</param>
    /// <param name="stamping">What the silo says of it.</param>
    /// <param name="share">What members of the original dialect get.</param>
    public KeptDelivery Deliver(Topic topic, Target target, ReadOnlySpan<byte> payload, in Stamping stamping, OriginalShare share)
    {
        while (Volatile.Read(ref _isUsed) && FindFollowed(topic) is { } kept)
        {
            if (kept.TryDeliver(target, payload, stamping, share, out var delivery))
            {
                _budget.TrimAfterPublish();
                return delivery;
            }

            Forget(kept);
        }

        var audience = Keeps(topic) ? Audience.Original : Audience.Both;
        return new KeptDelivery(share.Connections ?? _index.Publish(topic, target, payload, Stamp.None, audience), 0);
    }

    /// <summary>Queues a message for every member of the topic that <paramref name="target"/> matches, and keeps it if the topic is kept.</summary>
    public Publication Publish(Topic topic, Target target, ReadOnlySpan<byte> payload)
    {
        if (!Keeps(topic))
        {
            return new Publication(_index.Publish(topic, target, payload), IsKept: false);
        }

        while (Volatile.Read(ref _isUsed) && _topics.GetValueOrDefault(topic) is NumberedTopic kept)
        {
            if (kept.TryPublish(target, payload, out var connections))
            {
                _budget.TrimAfterPublish();
                return new Publication(connections, IsKept: true);
            }

            Forget(kept);
        }

        return new Publication(_index.Publish(topic, target, payload, Stamp.None, Audience.Original), IsKept: false);
    }

    public void Dispose() => _trimming.End();

    private KeptTopic Acquire(Topic topic)
    {
        var kept = _topics.GetOrAdd(topic);
        while (!kept.TryHold())
        {
            kept = _topics.Replace(topic, kept);
        }

        if (kept is FollowedTopic { Opened.IsCompleted: false })
        {
            _leader!.Follow(topic);
        }

        return kept;
    }

    private void Retired(KeptTopic kept)
    {
        Forget(kept);
        if (kept is FollowedTopic)
        {
            _leader!.Follow(kept.Topic);
        }
    }

    private void Forget(KeptTopic kept) => _topics.Remove(kept.Topic, kept);

    /// <summary>Drops what is too old, once a second, and sooner while there is more than the thread of the wheel should do at once.</summary>
    private sealed class Trimming(KeepBudget budget, DeadlineWheel wheel) : DeadlineWheel.Entry
    {
        private const int TicketsAtOnce = 10_000;

        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

        public void End() => wheel.Cancel(this);

        internal override void OnDue(long nowMs)
        {
            var hasMore = budget.Trim(TicketsAtOnce);
            wheel.Schedule(this, wheel.NowMs + (long)(hasMore ? Pause : Interval).TotalMilliseconds);
        }
    }
}
