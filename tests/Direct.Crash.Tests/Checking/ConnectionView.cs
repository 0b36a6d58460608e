using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

/// <summary>Represents the record of one connection, indexed for the queries of the checker.</summary>
internal sealed class ConnectionView(ConnectionRecord record)
{
    private readonly Dictionary<SignalKey, long> _receivedAt = [];
    private readonly Dictionary<(string, long, long), long> _latestSentAt = [];
    private readonly Dictionary<(int Stream, Aim Aim), SignalRecord> _highest = [];

    public ConnectionRecord Record => record;

    public long? ReceivedAt(SignalKey key) => _receivedAt.TryGetValue(key, out var at) ? at : null;

    /// <summary>Returns the highest message of the signal's stream and target that the connection has received so far, or null.</summary>
    public SignalRecord? Highest(SignalRecord signal) => _highest.GetValueOrDefault((signal.Key.Stream, signal.Aim));

    /// <summary>Returns whether the connection received a message of the same topic that was sent after <paramref name="at"/>.</summary>
    public bool HasReceivedSentAfter(SignalRecord signal, long at) => _latestSentAt.TryGetValue(signal.Aim.Topic, out var latest) && latest > at;

    /// <summary>Records the receipt of a message. Returns false when the connection had already received it.</summary>
    public bool TryReceive(SignalRecord signal, long at)
    {
        if (!_receivedAt.TryAdd(signal.Key, at))
        {
            return false;
        }

        _latestSentAt[signal.Aim.Topic] = Math.Max(signal.SentAt, _latestSentAt.GetValueOrDefault(signal.Aim.Topic));
        if (Highest(signal) is not { } highest || highest.Key.Number < signal.Key.Number)
        {
            _highest[(signal.Key.Stream, signal.Aim)] = signal;
        }

        return true;
    }

    /// <summary>Returns whether the connection may have matched the target at some time between <paramref name="from"/> and <paramref name="to"/>.</summary>
    public bool MayHaveBeenAt(Aim aim, long from, long to)
    {
        var stays = record.Stays;
        for (var i = 0; i < stays.Count && stays[i].SentAt <= to; i++)
        {
            var end = i + 1 < stays.Count ? stays[i + 1].ConfirmedAt : Clock.Never;
            if (end >= from && aim.MatchesPlace(stays[i].Group, stays[i].Channel))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns whether the connection certainly matched the target for the whole interval, and whether it moved during it.</summary>
    public (bool WasThere, bool HasMoved) WasAt(Aim aim, long from, long to)
    {
        var stays = record.Stays;
        var first = stays.FindLastIndex(stay => stay.SentAt <= from);
        if (first >= 0 && stays[first].ConfirmedAt > from)
        {
            first--; // the join is not confirmed: the connection may still be in its previous group and channel
        }

        if (first < 0 || stays[first].ConfirmedAt > from)
        {
            return default;
        }

        var last = first;
        for (var i = first; i < stays.Count && stays[i].SentAt <= to; last = i++)
        {
            if (!aim.MatchesPlace(stays[i].Group, stays[i].Channel))
            {
                return default;
            }
        }

        return (true, last > first);
    }
}
