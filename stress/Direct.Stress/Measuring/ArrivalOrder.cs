namespace Direct.Stress.Measuring;

/// <summary>
/// Tracks what one receiver has received from each of its senders. A sender's messages are numbered 1, 2, 3 …, so that one that arrives twice or
/// after a later one is detected. A message that never arrives is detected only by the totals, because it may be the last.
/// </summary>
internal sealed class ArrivalOrder(int senders)
{
    private readonly uint[] _latest = new uint[senders];
    private Dictionary<int, MissingNumbers>? _missing;

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

    private Arrival TakeOther(int sender, uint sequence, uint latest)
    {
        if (sequence > latest)
        {
            _missing ??= [];
            if (!_missing.TryGetValue(sender, out var missing))
            {
                _missing[sender] = missing = new MissingNumbers();
            }

            missing.Add(latest + 1, sequence - 1);
            _latest[sender] = sequence;
            return Arrival.InOrder;
        }

        return _missing?.GetValueOrDefault(sender)?.Remove(sequence) == true ? Arrival.Late : Arrival.Again;
    }
}
