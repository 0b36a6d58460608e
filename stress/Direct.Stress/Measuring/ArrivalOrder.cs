namespace Direct.Stress.Measuring;

/// <summary>
/// Tracks what one receiver has received from each of its senders. A sender's messages are numbered 1, 2, 3 …, so that one that arrives twice or
/// after a later one is detected. A message that never arrives is detected at the end, because it may be the last.
/// </summary>
internal sealed class ArrivalOrder(int senders)
{
    private readonly uint[] _latest = new uint[senders];
    private Dictionary<int, NumberRanges>? _missing;
    private Dictionary<int, NumberRanges>? _excused;

    // The number after the latest message of a sender when a gap came whose end is not known.
    private Dictionary<int, uint>? _openGaps;

    /// <summary>Records a message of a sender, by the sender's index among those of this receiver.</summary>
    public Arrival Take(int sender, uint sequence)
    {
        var latest = _latest[sender];
        if (sequence == latest + 1)
        {
            _latest[sender] = sequence;
            return Arrival.InOrder;
        }

        return TakeOther(sender, sequence, latest);
    }

    /// <summary>
    /// Records that the server has announced a gap. The messages after the latest one may be missing; those that are missing before it were lost
    /// already, because a later one came before the gap.
    /// </summary>
    /// <param name="last">The last message that may be missing; null if it is the one before the next that arrives.</param>
    public void Excuse(int sender, uint? last)
    {
        var next = _latest[sender] + 1;
        if (last is { } number)
        {
            RangesOf(ref _excused, sender).Add(next, number);
        }
        else
        {
            (_openGaps ??= [])[sender] = next;
        }
    }

    /// <summary>Counts the accepted messages of a sender that have not arrived.</summary>
    /// <param name="last">The number of its last message.</param>
    /// <param name="unaccepted">Those of its messages that may be missing because they were not accepted.</param>
    public MissingCount CountMissing(int sender, uint last, NumberRanges unaccepted)
    {
        var latest = _latest[sender];
        var excused = ExcuseOpenGap(sender, latest + 1, last) ?? _excused?.GetValueOrDefault(sender) ?? NumberRanges.Empty;
        IEnumerable<(uint First, uint Last)> missing = _missing?.GetValueOrDefault(sender)?.Ranges ?? [];
        var count = new MissingCount(0, 0);
        foreach (var (start, end) in missing.Append((latest + 1, last)))
        {
            for (var number = start; number <= end; number++)
            {
                if (!unaccepted.Contains(number))
                {
                    count += excused.Contains(number) ? new MissingCount(0, 1) : new MissingCount(1, 0);
                }
            }
        }

        return count;
    }

    private Arrival TakeOther(int sender, uint sequence, uint latest)
    {
        if (sequence > latest)
        {
            RangesOf(ref _missing, sender).Add(latest + 1, sequence - 1);
            ExcuseOpenGap(sender, latest + 1, sequence - 1);
            _latest[sender] = sequence;
            return Arrival.InOrder;
        }

        return _missing?.GetValueOrDefault(sender)?.Remove(sequence) == true ? Arrival.Late : Arrival.Again;
    }

    /// <summary>Excuses a range if a gap came just before its first number. Returns what is excused then.</summary>
    private NumberRanges? ExcuseOpenGap(int sender, uint first, uint last)
    {
        if (_openGaps?.GetValueOrDefault(sender) != first)
        {
            return null;
        }

        var excused = RangesOf(ref _excused, sender);
        excused.Add(first, last);
        return excused;
    }

    private static NumberRanges RangesOf(ref Dictionary<int, NumberRanges>? all, int sender)
    {
        all ??= [];
        if (!all.TryGetValue(sender, out var ranges))
        {
            all[sender] = ranges = new NumberRanges();
        }

        return ranges;
    }
}
