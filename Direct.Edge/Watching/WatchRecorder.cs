using System.Security.Cryptography;
using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Watching;

/// <summary>
/// Records what happens to watched connections of this gateway between two queries of a live view: which have ended and why, and, where
/// that is allowed, that messages were delivered. While nobody watches nothing is recorded, and a caller reads one field to know that.
/// </summary>
internal sealed class WatchRecorder(IOptions<WatchOptions> options, TimeProvider timeProvider)
{
    /// <summary>The most events of each kind that are kept, and the most messages that are recorded a second.</summary>
    public const int MaxKept = 200;

    // A live view asks every second. One that stays away for longer has ended.
    private static readonly TimeSpan WatchedFor = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<EndedConnection> _ended = new();
    private readonly Queue<DeliveredMessage> _delivered = new();
    private readonly Dictionary<Target, long> _targets = []; // of all live views, until when
    private readonly Dictionary<Target, long> _messageTargets = [];
    private long _next;
    private long _second;
    private int _messagesInSecond;
    private volatile bool _isActive;
    private volatile bool _takesMessages;

    /// <summary>Whether somebody watches, or has done so a moment ago.</summary>
    public bool IsActive => _isActive;

    /// <summary>The same of somebody who wants to see messages.</summary>
    public bool TakesMessages => _takesMessages;

    /// <summary>Somebody watches a target now.</summary>
    /// <param name="target">The target.</param>
    /// <param name="withMessages">Whether messages are wanted too. They are not recorded unless <see cref="WatchOptions.ShowMessages"/> allows it.</param>
    public void Renew(Target target, bool withMessages)
    {
        lock (_gate)
        {
            var until = timeProvider.GetTimestamp() + (long)(WatchedFor.TotalSeconds * timeProvider.TimestampFrequency);
            StopIfUnwatched();
            _targets[target] = until;
            _isActive = true;
            if (withMessages && options.Value.ShowMessages)
            {
                _messageTargets[target] = until;
                _takesMessages = true;
            }
        }
    }

    /// <summary>A connection with a user has ended. One in many rooms is kept with the first room that each live view watches.</summary>
    public void Ended(long id, IRecipient connection, CloseReason reason)
    {
        lock (_gate)
        {
            if (StopIfUnwatched())
            {
                return;
            }

            foreach (var room in _targets.Keys.SelectMany(target => connection.RoomsIn(target).Take(1)).Distinct())
            {
                Keep(_ended, new EndedConnection(_next++, id, new Target(room.Group, room.Channel, connection.UserId), reason.Code, reason.Label));
            }
        }
    }

    /// <summary>Messages have been taken into queues.</summary>
    public void Delivered(ReadOnlySpan<Signal> signals, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_gate)
        {
            if (StopIfUnwatched() || !_takesMessages)
            {
                return;
            }

            for (var i = 0; i < signals.Length; i++)
            {
                if (deliveries[i].Connections > 0 && IsWanted(signals[i].Target) && TryTakeMessage())
                {
                    var payload = signals[i].Payload.Span;
                    var hash = Convert.ToHexStringLower(SHA256.HashData(payload).AsSpan(0, 4));
                    Keep(_delivered, new DeliveredMessage(_next++, signals[i].Target, payload.Length, hash, deliveries[i].Connections));
                }
            }
        }
    }

    /// <summary>Returns what is kept for a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="withMessages">Whether the live view has asked for messages. Another one may have, and they are kept for all.</param>
    public RecentEvents Read(Target target, bool withMessages)
    {
        lock (_gate)
        {
            return new RecentEvents(
                _next,
                [.. _ended.Where(ended => target.Matches(ended.Place.Group, ended.Place.Channel, ended.Place.User))
                    .GroupBy(static ended => ended.Id).Select(static places => places.MinBy(static ended => new RoomId(ended.Place.Group, ended.Place.Channel)))],
                withMessages ? [.. _delivered.Where(message => MayMeet(message.Target, target))] : []);
        }
    }

    // A connection may match both.
    private static bool MayMeet(Target one, Target other) =>
        MayMeet(one.Group, other.Group) && MayMeet(one.Channel, other.Channel) && MayMeet(one.User, other.User);

    private static bool MayMeet(long one, long other) => one == 0 || other == 0 || one == other;

    private static void Keep<T>(Queue<T> kept, T item)
    {
        kept.Enqueue(item);
        if (kept.Count > MaxKept)
        {
            kept.Dequeue();
        }
    }

    private bool IsWanted(Target target)
    {
        foreach (var wanted in _messageTargets.Keys)
        {
            if (MayMeet(wanted, target))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryTakeMessage()
    {
        var second = timeProvider.GetTimestamp() / timeProvider.TimestampFrequency;
        if (second != _second)
        {
            (_second, _messagesInSecond) = (second, 0);
        }

        return _messagesInSecond++ < MaxKept;
    }

    // Whether nobody watches any more. Then nothing is kept.
    private bool StopIfUnwatched()
    {
        RemoveExpired(_targets);
        RemoveExpired(_messageTargets);
        _takesMessages = _messageTargets.Count > 0;
        if (_targets.Count > 0)
        {
            return false;
        }

        _isActive = false;
        _ended.Clear();
        _delivered.Clear();
        return true;
    }

    private void RemoveExpired(Dictionary<Target, long> targets)
    {
        var now = timeProvider.GetTimestamp();
        foreach (var (target, until) in targets)
        {
            if (now > until)
            {
                targets.Remove(target); // allowed while it is enumerated
            }
        }
    }
}
