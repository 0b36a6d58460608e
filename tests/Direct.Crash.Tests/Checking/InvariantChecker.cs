using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

/// <summary>Checks a history against the guarantees of the cluster.</summary>
/// <remarks>
/// A connection that certainly was in the target of a signal answered 200 or 202 before the signal was sent, and stayed there, receives it exactly
/// once. The exception is a connection that was closed: it then receives no later signal of that topic. A 200 confirms delivery by every gateway, a
/// 202 by every gateway that it does not list as pending. A signal whose delivery is confirmed arrives within <see cref="Slack"/>, even when the
/// connection ends afterwards, unless a test had injected a fault into its gateway. No connection receives a signal twice, or a signal for another
/// target. Signals of one publisher to one target arrive in order. Every receipt, including that of a repeat, counts all connections that received
/// the signal. It counts no others, except those that may have ended before the signal could reach them.
/// <para>
/// All times are read in the test process. A join counts from the pong to the ping that follows it; a leave counts from before it was sent. Between
/// these times either outcome is allowed, so a healthy run never reports a violation.
/// </para>
/// </remarks>
internal sealed class InvariantChecker(History history)
{
    private readonly List<Violation> _violations = [];
    private readonly List<ConnectionView> _connections = [.. history.Connections.Select(record => new ConnectionView(record))];
    private readonly Dictionary<SignalKey, SignalRecord> _signals = history.Signals.Where(signal => signal.Attempts.Count > 0).ToDictionary(signal => signal.Key);
    private readonly ILookup<int, GatewayFault> _faults = history.Faults.ToLookup(fault => fault.Gateway);
    private readonly Dictionary<long, ConnectionView> _users = [];
    private readonly Dictionary<SignalKey, List<ConnectionView>> _receivers = [];
    private long _obligations;
    private long _endedBefore;
    private long _exactCounts;
    private long _broadcastsMissed;
    private long _longestDelivery;

    /// <summary>Gets how long a delivered message may take through queues and sockets to a reader that is busy.</summary>
    public long Slack { get; init; } = 3 * Clock.Second;

    public CheckReport Check()
    {
        foreach (var connection in _connections.Where(connection => connection.Record.User != 0))
        {
            _users[connection.Record.User] = connection;
        }

        foreach (var connection in _connections)
        {
            // Iterates by index because the readers may still append to the list.
            for (var i = 0; i < connection.Record.Received.Count; i++)
            {
                CheckReceived(connection, connection.Record.Received[i]);
            }
        }

        foreach (var signal in _signals.Values)
        {
            if (signal.IsBroadcast)
            {
                CountMissed(signal);
            }
            else if (signal.Accepted is { } accepted)
            {
                CheckAccepted(signal, accepted);
                signal.Attempts.FindAll(static attempt => attempt.IsAccepted).ForEach(attempt => CheckCount(signal, attempt));
            }
        }

        return new CheckReport(_violations)
        {
            Obligations = _obligations,
            EndedBefore = _endedBefore,
            ExactCounts = _exactCounts,
            LongestDelivery = _longestDelivery / (double)Clock.Second,
            BroadcastsMissed = _broadcastsMissed,
        };
    }

    private void CheckReceived(ConnectionView connection, Received received)
    {
        if (!_signals.TryGetValue(received.Key, out var signal))
        {
            var nobodys = new SignalRecord(received.Key, default) { Attempts = { new Attempt(0, received.At) } };
            Add(ViolationKind.WrongTarget, nobodys, connection, "nobody has sent this");
            return;
        }

        if (connection.Highest(signal) is { } highest && highest.Key.Number > signal.Key.Number && MustPrecede(signal, highest, connection))
        {
            Add(ViolationKind.Reordered, signal, connection, $"got {highest.Key} of the same publisher before it");
        }

        if (!connection.TryReceive(signal, received.At))
        {
            Add(ViolationKind.Duplicate, signal, connection, Seconds($"got at {connection.ReceivedAt(signal.Key)!.Value} and at {received.At}"));
            return;
        }

        if (!_receivers.TryGetValue(signal.Key, out var receivers))
        {
            _receivers.Add(signal.Key, receivers = []);
        }

        receivers.Add(connection);
        if (!IsOwner(connection, signal.Aim.User) || !connection.MayHaveBeenAt(signal.Aim, signal.SentAt, received.At))
        {
            Add(ViolationKind.WrongTarget, signal, connection, Seconds($"got at {received.At}"));
        }

        if (signal.Accepted is { } accepted && WasDeliveredBy(accepted, connection) && !IsHarmed(connection.Record.Gateway, signal.SentAt, accepted.AnsweredAt + Slack))
        {
            var delay = received.At - accepted.AnsweredAt;
            _longestDelivery = Math.Max(_longestDelivery, delay);
            if (delay > Slack)
            {
                Add(ViolationKind.Late, signal, connection, Seconds($"got at {received.At}"));
            }
        }
    }

    private void CheckAccepted(SignalRecord signal, Attempt accepted)
    {
        foreach (var connection in _connections)
        {
            if (!MustGet(signal, accepted, connection, out var hasMoved))
            {
                continue;
            }

            _obligations++;
            if (connection.ReceivedAt(signal.Key) is not null)
            {
                continue;
            }

            if (WhyLost(signal, accepted, connection) is { } why)
            {
                Add(hasMoved ? ViolationKind.LostWhileMoving : ViolationKind.Lost, signal, connection, why);
            }
            else
            {
                _endedBefore++;
            }
        }
    }

    private bool MustGet(SignalRecord signal, Attempt accepted, ConnectionView connection, out bool hasMoved)
    {
        var record = connection.Record;
        hasMoved = false;
        if (record.Stays.Count == 0 || record.Stays[0].ConfirmedAt > signal.SentAt || record.ClosedAt < signal.SentAt)
        {
            return false;
        }

        if (signal.Aim.User != 0 && record.User != signal.Aim.User)
        {
            return false;
        }

        // A client may leave before delivery is confirmed and miss the signal. A close frame may also overtake what still waits for a socket.
        var takenAt = WasDeliveredBy(accepted, connection) ? accepted.AnsweredAt : Clock.Never;
        if (record.LeftAt != Clock.Never && (takenAt == Clock.Never || record.LeftAt <= takenAt + Slack))
        {
            return false;
        }

        (var wasThere, hasMoved) = connection.WasAt(signal.Aim, signal.SentAt, takenAt);

        // No move leaves the topic of everyone or of one user.
        hasMoved &= signal.Aim is not { Group: 0, Channel: 0, IsLobby: false };
        return wasThere;
    }

    // Returns why the loss is a violation; null when the end of the connection excuses it.
    private string? WhyLost(SignalRecord signal, Attempt accepted, ConnectionView connection)
    {
        var record = connection.Record;
        if (record.ClosedAt == Clock.Never)
        {
            return "never came, and the connection is open";
        }

        var isAccepted = WasDeliveredBy(accepted, connection);
        if (isAccepted && connection.HasReceivedSentAfter(signal, accepted.AnsweredAt))
        {
            return "never came, but something of its topic that was sent after its answer did";
        }

        if (connection.Highest(signal) is { } highest && highest.Key.Number > signal.Key.Number && MustPrecede(signal, highest, connection))
        {
            return $"never came, but {highest.Key} of the same publisher did";
        }

        if (!isAccepted)
        {
            return null;
        }

        var harm = _faults[record.Gateway].Where(fault => fault.From <= record.ClosedAt && record.CloseCode is 0 or 4008).Select(fault => fault.From).DefaultIfEmpty(record.ClosedAt).Min();
        return accepted.AnsweredAt + Slack < harm ? Seconds($"never came, though nothing had happened to its gateway by {harm}") : null;
    }

    private void CheckCount(SignalRecord signal, Attempt accepted)
    {
        var receivers = _receivers.GetValueOrDefault(signal.Key) ?? [];
        var least = receivers.Count(connection =>
            WasDeliveredBy(accepted, connection)
            && !(connection.Record.WasThrownOut && connection.Record.ClosedAt <= accepted.AnsweredAt)
            && !IsHarmed(connection.Record.Gateway, signal.SentAt, accepted.AnsweredAt));
        var most = _connections.Count(connection => connection.ReceivedAt(signal.Key) is not null || MayHaveBeenCounted(signal, accepted, connection));
        if (accepted.Delivered < least)
        {
            Add(ViolationKind.WrongCount, signal, null, $"the receipt says {accepted.Delivered}, {least} got it on gateways that had answered");
        }
        else if (accepted.Delivered > most)
        {
            Add(ViolationKind.WrongCount, signal, null, $"the receipt says {accepted.Delivered}, {most} got it or may have ended before it came");
        }

        _exactCounts += accepted.Status == 200 && least == most ? 1 : 0;
    }

    // Returns whether a receipt may count a connection that did not receive the signal: because it ended, or because the loss is already reported.
    private bool MayHaveBeenCounted(SignalRecord signal, Attempt accepted, ConnectionView connection)
    {
        var record = connection.Record;
        return record.ClosedAt >= signal.SentAt - Slack
            && IsOwner(connection, signal.Aim.User)
            && connection.MayHaveBeenAt(signal.Aim, signal.SentAt, accepted.AnsweredAt)
            && (Math.Min(record.LeftAt, record.ClosedAt) <= accepted.AnsweredAt + Slack
                || IsHarmed(record.Gateway, signal.SentAt, accepted.AnsweredAt + Slack)
                || MustGet(signal, accepted, connection, out _));
    }

    private void CountMissed(SignalRecord signal)
    {
        var until = signal.SentAt + Slack;
        _broadcastsMissed += _connections.LongCount(connection =>
            connection.Record is { IsOpen: true, Stays.Count: > 0 }
            && connection.WasAt(signal.Aim, signal.SentAt, until).WasThere
            && connection.ReceivedAt(signal.Key) is null);
    }

    private static bool WasDeliveredBy(Attempt accepted, ConnectionView connection) =>
        accepted.Status == 200 || !accepted.Pending.Contains(connection.Record.Gateway);

    // True when every later message was sent after delivery of this one was confirmed, or when both were sent one after the other through one gateway.
    private static bool MustPrecede(SignalRecord signal, SignalRecord later, ConnectionView connection)
    {
        if (signal.IsBroadcast)
        {
            return true;
        }

        return signal.Accepted is { } accepted
            && ((WasDeliveredBy(accepted, connection) && accepted.AnsweredAt <= later.SentAt)
                || (later.Accepted is { } other && other.Gateway == accepted.Gateway && later.Attempts[0].Gateway == accepted.Gateway));
    }

    private bool IsHarmed(int gateway, long from, long to) =>
        _faults[gateway].Any(fault => fault.From <= to && fault.Until >= from);

    // The user id of a connection may not be known yet. Such a connection may own every id that no other connection owns.
    private bool IsOwner(ConnectionView connection, long user) =>
        user == 0 || (_users.TryGetValue(user, out var owner) ? owner == connection : connection.Record.User == 0);

    private void Add(ViolationKind kind, SignalRecord signal, ConnectionView? connection, string why) =>
        _violations.Add(new Violation(kind, signal, connection?.Record, why));

    // Formats times in seconds, as the records print them.
    private static string Seconds(FormattableString text) => FormattableString.Invariant(System.Runtime.CompilerServices.FormattableStringFactory.Create(
        text.Format, [.. text.GetArguments().Select(argument => argument is long at ? (object)FormattableString.Invariant($"{at / 1e6:0.000}") : argument)]));
}
