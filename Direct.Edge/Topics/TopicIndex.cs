using Direct.Collections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Keeping;
using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Topics;

/// <summary>
/// Indexes the connections of this gateway by their topics. Every cache in the cluster is a copy of this index. The cost of joining and leaving does
/// not depend on the size of the topic, and a topic without members takes no memory.
/// </summary>
internal sealed class TopicIndex
{
    private readonly RetiringDictionary<Topic, TopicLog> _logs;
    private readonly RetiringDictionary<long, UserTopic> _users;
    private readonly TopicLog _all;
    private readonly TopicLog _lobby;

    public TopicIndex(IOptions<TopicOptions> options, QueueBudget queues, GatewayMetrics metrics, NodeGate gate)
    {
        var settings = new TopicLogSettings(options.Value.MaxWaitingBytes, MayRetire: true, Forget, metrics, gate) { Waiting = queues.Topics };
        _logs = new RetiringDictionary<Topic, TopicLog>(topic => new TopicLog(topic, settings));
        _users = new RetiringDictionary<long, UserTopic>(userId => new UserTopic(userId, settings));
        _all = new TopicLog(Topic.All, settings with { MayRetire = false });
        _lobby = new TopicLog(Topic.Lobby, settings with { MayRetire = false });
    }

    /// <summary>Gets the number of topics with members on this gateway, without <c>all</c> and <c>lobby</c>.</summary>
    public int TopicCount => _logs.Count + _users.Count;

    /// <summary>Queues a message for every member that <paramref name="target"/> matches. Returns their number.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="target">The members that it is for, by their rooms.</param>
    /// <param name="payload">The text of the message.</param>
    /// <param name="stamp">The place of the message in the topic.</param>
    /// <param name="audience">The members that it is for, by their dialect.</param>
    public int Publish(Topic topic, Target target, ReadOnlySpan<byte> payload, Stamp stamp = default, Audience audience = Audience.Both) => topic.Kind switch
    {
        TopicKind.User => _users.TryGetValue(topic.Id, out var user) ? user.Publish(target, payload, stamp, audience) : 0,
        _ => Find(topic)?.Publish(payload, stamp, audience) ?? 0,
    };

    /// <summary>Tells the members that speak <c>direct.2</c> that earlier messages may be missing. Returns their number.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="stamp">The place after which they receive everything.</param>
    public int TellGap(Topic topic, Stamp stamp) => Tell(isGap: true, topic, stamp);

    /// <summary>Tells the members that speak <c>direct.2</c> where a topic stands.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="stamp">The place up to which they have received everything.</param>
    public void TellPosition(Topic topic, Stamp stamp) => Tell(isGap: false, topic, stamp);

    private int Tell(bool isGap, Topic topic, Stamp stamp)
    {
        Span<byte> notice = stackalloc byte[PositionNotice.MaxBytes];
        notice = notice[..PositionNotice.Write(notice, isGap, topic, stamp)];
        return topic.Kind switch
        {
            TopicKind.User => _users.TryGetValue(topic.Id, out var user) ? user.Tell(notice) : 0,
            _ => Find(topic)?.Tell(notice) ?? 0,
        };
    }

    /// <summary>Completes when the members of the topic have room for more.</summary>
    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) =>
        topic.Kind is TopicKind.User || Find(topic) is not { } log ? default : log.ReadyAsync(cancellationToken);

    /// <summary>Adds a connection whose user is known, in its group and channel.</summary>
    public TopicMemberships Add(IRecipient connection)
    {
        Enter(connection);
        return Move(connection, new TopicMemberships { All = Join(Topic.All, connection) });
    }

    /// <summary>Adds a connection to the topic of its user. From then on queries about connections find it.</summary>
    public void Enter(IRecipient connection)
    {
        var user = _users.GetOrAdd(connection.UserId);
        while (!user.TryJoin(connection))
        {
            user = _users.Replace(connection.UserId, user);
        }
    }

    /// <summary>
    /// Moves a connection to its current group and channel. It never leaves a topic that it is in before and after the move, so that it misses no
    /// message that is published meanwhile.
    /// </summary>
    public TopicMemberships Move(IRecipient connection, in TopicMemberships from)
    {
        var (group, channel) = (connection.GroupId, connection.ChannelId);
        return new TopicMemberships
        {
            All = from.All,
            Lobby = Move(connection, from.Lobby, group == 0 && channel == 0 ? Topic.Lobby : null),
            Group = Move(connection, from.Group, group != 0 ? Topic.Group(group) : null),
            Channel = Move(connection, from.Channel, channel != 0 ? Topic.Channel(channel) : null),
            Room = Move(connection, from.Room, group != 0 && channel != 0 ? Topic.Room(group, channel) : null),
        };
    }

    /// <summary>Removes a connection from all topics.</summary>
    public void Remove(IRecipient connection, in TopicMemberships from)
    {
        LeaveIfMember(from.Lobby);
        LeaveIfMember(from.Group);
        LeaveIfMember(from.Channel);
        LeaveIfMember(from.Room);
        Leave(from.All!);
        Exit(connection);
    }

    /// <summary>Removes a connection from the topic of its user.</summary>
    public void Exit(IRecipient connection)
    {
        if (_users.TryGetValue(connection.UserId, out var user) && user.Leave(connection))
        {
            _users.Remove(connection.UserId, user);
        }
    }

    /// <summary>
    /// Enumerates the connections that match, each once, grouped by user. It visits all users, because only their topics have no drainer that may be
    /// moving members. Unless the target names one user or nobody, the cost grows with the number of connections of the gateway.
    /// </summary>
    public IEnumerable<IRecipient> Matching(Target target)
    {
        if (target.User != 0)
        {
            return _users.TryGetValue(target.User, out var user) ? user.Matching(target) : [];
        }

        return Find(Topic.For(target)) is null ? [] : _users.SelectMany(entry => entry.Value.Matching(target));
    }

    /// <summary>The groups, channels and rooms with the most members, the largest first. It looks at each one once, and holds up nobody.</summary>
    public IReadOnlyList<(Topic Topic, int Members)> Largest(int count)
    {
        var largest = new PriorityQueue<(Topic Topic, int Members), int>();
        foreach (var (topic, log) in _logs)
        {
            if (log.MemberCount is var members and > 0)
            {
                largest.Enqueue((topic, members), members);
                if (largest.Count > count)
                {
                    largest.Dequeue();
                }
            }
        }

        return [.. largest.UnorderedItems.Select(static item => item.Element).OrderByDescending(static item => item.Members)];
    }

    /// <summary>Adds a connection to one topic.</summary>
    public Membership Join(Topic topic, IRecipient connection)
    {
        var member = new Membership(connection);
        var log = Find(topic) ?? _logs.GetOrAdd(topic);
        while (!log.TryJoin(member))
        {
            log = _logs.Replace(topic, log);
        }

        return member;
    }

    /// <summary>Removes a connection from one topic, which still sends it the messages that came before.</summary>
    public void Leave(Membership member)
    {
        var log = member.Log!;
        if (log.Leave(member))
        {
            Forget(log);
        }
    }

    private Membership? Move(IRecipient connection, Membership? from, Topic? to)
    {
        if (from?.Log!.Topic == to)
        {
            return from;
        }

        LeaveIfMember(from);
        return to is { } topic ? Join(topic, connection) : null;
    }

    private void LeaveIfMember(Membership? member)
    {
        if (member is not null)
        {
            Leave(member);
        }
    }

    private TopicLog? Find(Topic topic) => topic.Kind switch
    {
        TopicKind.All => _all,
        TopicKind.Lobby => _lobby,
        _ => _logs.GetValueOrDefault(topic),
    };

    private void Forget(TopicLog log) => _logs.Remove(log.Topic, log);

    /// <summary>Represents the memberships of a connection in its topics. The connection keeps them; the index creates and reads them.</summary>
    internal readonly record struct TopicMemberships
    {
        public Membership? All { get; init; }

        public Membership? Lobby { get; init; }

        public Membership? Group { get; init; }

        public Membership? Channel { get; init; }

        public Membership? Room { get; init; }
    }
}
