namespace Direct.Keeping;

/// <summary>
/// Maps what identifies the messages of one log to their offsets: a sequence until its publisher has reported that it is acknowledged, and an id until an age. A repeat
/// gets the offset of the first delivery. Not thread-safe: the lock of its owner guards it.
/// </summary>
internal sealed class IdentityLedger(TimeProvider timeProvider)
{
    /// <summary>
    /// Specifies the number of ids that a ledger should not exceed, about 5 MB. Then its owner makes it forget older ones, and ends all positions of the log.
    /// </summary>
    public const int MaxIds = 100_000;

    /// <summary>Specifies the offset of a header that is not that of a message, but says up to which sequence a publisher was acknowledged.</summary>
    public const long NoOffset = 0;

    // A publisher repeats a signal for nine minutes at most.
    private static readonly TimeSpan KeepPublishersFor = TimeSpan.FromMinutes(10);

    // A call that a publisher has given up arrives within seconds.
    private static readonly TimeSpan KeepSettledFor = TimeSpan.FromMinutes(1);

    private const int SequenceBytes = 24;
    private const int PublisherBytes = 200;
    private const int IdBytes = 48;

    private readonly long _startedAt = timeProvider.GetTimestamp();
    private Dictionary<Guid, Sequences>? _publishers;
    private IdTable? _ids;

    /// <summary>Gets the bytes of what it remembers, as they are counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets the number of ids that it remembers.</summary>
    public int Ids => _ids?.Count ?? 0;

    private int NowSeconds => (int)timeProvider.GetElapsedTime(_startedAt).TotalSeconds;

    /// <summary>Finds the first offset of a message by its sequence, or else by its id.</summary>
    public bool TryFind(Origin origin, out long offset)
    {
        if (_publishers is not null && _publishers.TryGetValue(origin.Publisher, out var sequences) && sequences.TryFind(origin.Sequence, out offset))
        {
            return true;
        }

        offset = 0;
        return origin.IdHash != Guid.Empty && _ids is not null && _ids.TryFind(origin.IdHash, out offset);
    }

    /// <summary>
    /// Adds what identifies a message. Ids are added in the order of their offsets; one that is known keeps its offset and its age. With <see cref="NoOffset"/> it adds that a
    /// publisher has reported its sequences up to this one as acknowledged.
    /// </summary>
    /// <param name="origin">What identifies the message.</param>
    /// <param name="offset">Its offset.</param>
    /// <param name="idAge">The age of its id, in seconds, where it was known before.</param>
    public void Add(Origin origin, long offset, int idAge = 0)
    {
        if (origin.Publisher != Guid.Empty)
        {
            var sequences = SequencesOf(origin.Publisher);
            if (offset == NoOffset)
            {
                Bytes -= sequences.RemoveThrough(origin.Sequence) * SequenceBytes;
                return;
            }

            Bytes += sequences.Add(origin.Sequence, offset) ? SequenceBytes : 0;
        }

        if (origin.IdHash != Guid.Empty && !(_ids ??= new IdTable()).TryFind(origin.IdHash, out _))
        {
            _ids.Add(origin.IdHash, offset, NowSeconds - idAge);
            Bytes += IdBytes;
        }
    }

    /// <summary>Returns the seconds for which an id has been remembered, here or where it was known before; 0 if it is not known.</summary>
    public int AgeOf(Guid idHash) => idHash != Guid.Empty && _ids is not null && _ids.TryFind(idHash, out _, out var addedAt) ? NowSeconds - addedAt : 0;

    /// <summary>Forgets the sequences up to this one: their publisher repeats none of them. Returns its highest sequence that is known; 0 if there is none.</summary>
    public long Acknowledge(Guid publisher, long through)
    {
        if (_publishers is null || !_publishers.TryGetValue(publisher, out var sequences))
        {
            return 0;
        }

        Bytes -= sequences.RemoveThrough(through) * SequenceBytes;
        return sequences.Last;
    }

    /// <summary>Returns whether a publisher has reported that a sequence is acknowledged. What still comes of it is a call that the publisher has given up.</summary>
    public bool IsAcknowledged(Guid publisher, long sequence) =>
        _publishers is not null && _publishers.TryGetValue(publisher, out var sequences) && sequence <= sequences.AcknowledgedThrough;

    /// <summary>Forgets the id of a message that was refused, unless it has another offset by now: the id may be used for another message later.</summary>
    public void ForgetId(Guid idHash, long offset)
    {
        if (_ids is not null && _ids.TryFind(idHash, out var known) && known == offset)
        {
            _ids.Remove(idHash);
            Bytes -= IdBytes;
        }
    }

    /// <summary>Forgets the older half of the ids.</summary>
    public void ForgetOlderIds() => Bytes -= (_ids?.RemoveOlderHalf() ?? 0) * IdBytes;

    /// <summary>Forgets all messages above an offset.</summary>
    public void CutAt(long offset)
    {
        Bytes -= (_ids?.RemoveAbove(offset) ?? 0) * IdBytes;
        foreach (var sequences in _publishers?.Values ?? Enumerable.Empty<Sequences>())
        {
            Bytes -= sequences.RemoveAbove(offset) * SequenceBytes;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        (_publishers, _ids, Bytes) = (null, null, 0);
    }

    /// <summary>Forgets ids that are older than a time.</summary>
    public void ExpireIds(TimeSpan age) => Bytes -= (_ids?.RemoveOlderThan(NowSeconds - age.TotalSeconds) ?? 0) * IdBytes;

    /// <summary>Forgets ids that are older than <paramref name="idAge"/>, and publishers that cannot repeat anything more.</summary>
    public void Expire(TimeSpan idAge)
    {
        ExpireIds(idAge);
        if (_publishers is null)
        {
            return;
        }

        var now = NowSeconds;
        foreach (var (publisher, sequences) in _publishers)
        {
            if ((sequences.Count == 0 && now - sequences.UsedAt > KeepSettledFor.TotalSeconds) || now - sequences.UsedAt > KeepPublishersFor.TotalSeconds)
            {
                _publishers.Remove(publisher);
                Bytes -= PublisherBytes + (sequences.Count * SequenceBytes);
            }
        }
    }

    /// <summary>Returns what identifies the messages of a range, in the order of offsets. A message whose id came through several publishers is there several times.</summary>
    /// <param name="after">The offset after which the range begins.</param>
    /// <param name="through">The last offset of the range.</param>
    public List<(long Offset, Origin Origin)> Headers(long after = 0, long through = long.MaxValue)
    {
        var headers = new List<(long Offset, Origin Origin)>();
        foreach (var (publisher, sequences) in _publishers ?? [])
        {
            sequences.CopyTo(headers, publisher, after, through);
        }

        headers.Sort(ByOffset);
        var (sequenceCount, at) = (headers.Count, 0);
        for (var i = _ids?.IndexAfter(after) ?? 0; i < (_ids?.Slots ?? 0) && _ids![i].Offset <= through; i++)
        {
            var (hash, offset) = _ids[i];
            if (hash == Guid.Empty)
            {
                continue; // removed
            }

            while (at < sequenceCount && headers[at].Offset < offset)
            {
                at++;
            }

            if (at < sequenceCount && headers[at].Offset == offset)
            {
                headers[at] = (offset, headers[at].Origin with { IdHash = hash });
            }
            else
            {
                headers.Add((offset, new Origin(Guid.Empty, 0, hash)));
            }
        }

        if (headers.Count > sequenceCount)
        {
            headers.Sort(ByOffset);
        }

        return headers;
    }

    /// <summary>
    /// Returns what identifies the first messages after an offset, in the order of offsets. It is at most a number of entries, or all of one message if that has more. Before the
    /// first message it also returns, with <see cref="NoOffset"/>, up to which sequence each publisher was acknowledged. The next leader of the log needs that: otherwise it
    /// would take a late call, which the publisher has given up, for a new message.
    /// </summary>
    /// <param name="after">The offset.</param>
    /// <param name="max">The number.</param>
    /// <param name="through">The last offset that is wanted.</param>
    /// <param name="moreAfter">The offset after which more entries may follow; 0 if these are all.</param>
    public List<(long Offset, Origin Origin)> FirstHeaders(long after, int max, long through, out long moreAfter)
    {
        // Ids are in the order of offsets, so a page need not look at those of the next ones.
        var last = (_ids?.IndexAfter(after) ?? 0) + max - 1;
        var end = last < (_ids?.Slots ?? 0) ? Math.Min(_ids![last].Offset, through) : through;
        var headers = Headers(after, end);
        moreAfter = end < through ? end : 0;
        if (headers.Count > max)
        {
            var count = headers.FindLastIndex(max, header => header.Offset != headers[max].Offset) + 1;
            count = count > 0 ? count : headers.FindLastIndex(header => header.Offset == headers[0].Offset) + 1;
            moreAfter = count < headers.Count ? headers[count - 1].Offset : moreAfter;
            headers.RemoveRange(count, headers.Count - count);
        }

        if (after == NoOffset)
        {
            headers.InsertRange(0, Acknowledged());
        }

        return headers;
    }

    private static int ByOffset((long Offset, Origin Origin) one, (long Offset, Origin Origin) other) =>
        (one.Offset, one.Origin.Sequence).CompareTo((other.Offset, other.Origin.Sequence));

    private Sequences SequencesOf(Guid publisher)
    {
        _publishers ??= [];
        if (!_publishers.TryGetValue(publisher, out var sequences))
        {
            _publishers.Add(publisher, sequences = new Sequences());
            Bytes += PublisherBytes;
        }

        sequences.UsedAt = NowSeconds;
        return sequences;
    }

    private IEnumerable<(long Offset, Origin Origin)> Acknowledged() =>
        from publisher in _publishers ?? []
        where publisher.Value.AcknowledgedThrough > 0
        select (NoOffset, new Origin(publisher.Key, publisher.Value.AcknowledgedThrough, Guid.Empty));

    /// <summary>Holds the sequences of one publisher in ascending order, with their offsets.</summary>
    private sealed class Sequences
    {
        private readonly List<(long Sequence, long Offset)> _entries = [];
        private int _first; // those before it are removed

        public int Count => _entries.Count - _first;

        public int UsedAt { get; set; }

        public long AcknowledgedThrough { get; private set; }

        public long Last => Count == 0 ? AcknowledgedThrough : Math.Max(AcknowledgedThrough, _entries[^1].Sequence);

        public bool TryFind(long sequence, out long offset)
        {
            var index = IndexOf(sequence);
            offset = index >= 0 ? _entries[index].Offset : 0;
            return index >= 0;
        }

        public bool Add(long sequence, long offset)
        {
            if (Count == 0 || _entries[^1].Sequence < sequence)
            {
                _entries.Add((sequence, offset));
                return true;
            }

            var index = IndexOf(sequence);
            if (index >= 0)
            {
                return false;
            }

            _entries.Insert(~index, (sequence, offset));
            return true;
        }

        public int RemoveThrough(long sequence)
        {
            AcknowledgedThrough = Math.Max(AcknowledgedThrough, sequence);
            var before = _first;
            while (Count > 0 && _entries[_first].Sequence <= sequence)
            {
                _first++;
            }

            var removed = _first - before;
            if (_first > _entries.Count / 2)
            {
                _entries.RemoveRange(0, _first);
                _first = 0;
            }

            return removed;
        }

        public int RemoveAbove(long offset)
        {
            var before = Count;
            _entries.RemoveRange(0, _first);
            _first = 0;
            _entries.RemoveAll(entry => entry.Offset > offset);
            return before - Count;
        }

        public void CopyTo(List<(long Offset, Origin Origin)> headers, Guid publisher, long after, long through)
        {
            for (var i = _first; i < _entries.Count; i++)
            {
                var (sequence, offset) = _entries[i];
                if (offset > after && offset <= through)
                {
                    headers.Add((offset, new Origin(publisher, sequence, Guid.Empty)));
                }
            }
        }

        private int IndexOf(long sequence) => _entries.BinarySearch(_first, Count, (sequence, 0), BySequence.Instance);

        private sealed class BySequence : IComparer<(long Sequence, long Offset)>
        {
            public static readonly BySequence Instance = new();

            public int Compare((long Sequence, long Offset) x, (long Sequence, long Offset) y) => x.Sequence.CompareTo(y.Sequence);
        }
    }
}
