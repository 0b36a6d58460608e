using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

/// <summary>Represents one connection's record, prepared for questions.</summary>
internal sealed class ConnectionView(ConnectionRecord record)
{
    private readonly Dictionary<SignalKey, long> _receivedAt = [];
    private readonly Dictionary<(string, long, long), long> _latestSentAt = [];
    private readonly Dictionary<(int Stream, Aim Aim), SignalRecord> _highest = [];

    public ConnectionRecord Record => record;

    public long? ReceivedAt(SignalKey key) => _receivedAt.TryGetValue(key, out var at) ? at : null;

    /// <summary>Returns the highest message of this stream to this target that it has got up to now, or null.</summary>
    public SignalRecord? Highest(SignalRecord signal) => _highest.GetValueOrDefault((signal.Key.Stream, signal.Aim));

    /// <summary>Returns whether it got anything of the same topic that was sent after this time.</summary>
    public bool HasReceivedSentAfter(SignalRecord signal, long at) => _latestSentAt.TryGetValue(signal.Aim.Topic, out var latest) && latest > at;

    /// <summary>False: it had got it before.</summary>
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

    /// <summary>Returns whether it may have been where this is aimed at, at some time from one to the other.</summary>
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

    /// <summary>Returns whether it was for sure where this is aimed at, all the time; and whether it moved meanwhile.</summary>
    public (bool WasThere, bool HasMoved) WasAt(Aim aim, long from, long to)
    {
        var stays = record.Stays;
        var first = stays.FindLastIndex(stay => stay.SentAt <= from);
        if (first >= 0 && stays[first].ConfirmedAt > from)
        {
            first--; // on its way there: it may still be where it was
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
