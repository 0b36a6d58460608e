using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Maps logs between the types of a process and the types on the wire, for gateways and silos.</summary>
internal static class LogMapping
{
    public static LogPosition ToWire(this Stamp stamp) => new(stamp.Epoch, stamp.Offset);

    public static Stamp ToStamp(this LogPosition position) => new(position.Epoch, position.Offset);

    public static MessageOrigin ToWire(this Origin origin) => new(origin.Publisher, origin.Sequence, origin.IdHash);

    public static Origin ToOrigin(this MessageOrigin origin) => new(origin.Publisher, origin.Sequence, origin.IdHash);

    public static KeptEntry ToEntry(this KeptMessage message) => message.IsVoid ? KeptEntry.Void : new KeptEntry(message.Payload, (message.Group, message.Channel));

    /// <summary>Returns the epoch table on the wire, with the ages of the epochs that have ended.</summary>
    public static EpochMark[] ToWire(this EpochTable table, TimeProvider timeProvider)
    {
        var marks = new EpochMark[table.Epochs.Length];
        for (var i = 0; i < marks.Length; i++)
        {
            var epoch = table.Epochs[i];
            marks[i] = epoch.End == EpochTable.NoEnd
                ? new EpochMark(epoch.Id, EpochMark.Open, TimeSpan.Zero)
                : new EpochMark(epoch.Id, epoch.End, timeProvider.GetElapsedTime(epoch.ClosedAt));
        }

        return marks;
    }

    /// <summary>Returns the epoch table of marks. Their ages continue on the clock of this process.</summary>
    public static EpochTable ToTable(this EpochMark[] marks, TimeProvider timeProvider)
    {
        var now = timeProvider.GetTimestamp();
        return EpochTable.Of(marks.Select(mark => new EpochTable.Epoch(
            mark.Epoch,
            mark.End == EpochMark.Open ? EpochTable.NoEnd : mark.End,
            now - (long)(mark.ClosedFor.TotalSeconds * timeProvider.TimestampFrequency))));
    }

    /// <summary>Returns a page of the headers of a ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="after">The offset after which they are wanted.</param>
    /// <param name="through">The last offset that is wanted.</param>
    /// <param name="maxBytes">The bytes of the page, as <see cref="KeptHeader.Bytes"/> counts them; at least one message is in it.</param>
    /// <param name="moreAfter">The offset after which more of them follow; 0 if these are all.</param>
    public static KeptHeaders ToHeaders(this IdentityLedger ledger, long after, long through, int maxBytes, out long moreAfter) =>
        [.. ledger.FirstHeaders(after, Math.Max(1, maxBytes / KeptHeader.Bytes), through, out moreAfter)
            .ConvertAll(header => new KeptHeader(header.Offset, header.Origin.ToWire(), ledger.AgeOf(header.Origin.IdHash)))];

    /// <summary>Returns messages of a ring, at most a number of bytes, as the ring counts them, unless a single message is longer.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="ledger">What identifies its messages.</param>
    /// <param name="after">The offset after which messages are wanted, at least the floor of the ring.</param>
    /// <param name="through">The last offset that is wanted, at most the head of the ring.</param>
    /// <param name="maxBytes">The bytes.</param>
    /// <param name="isNewestFirst">Whether the newest are returned, and not the oldest, if not all fit. They are in ascending order in any case.</param>
    public static KeptMessage[] Read(this TopicRing ring, IdentityLedger ledger, long after, long through, long maxBytes, bool isNewestFirst = false)
    {
        long bytes = 0;
        var (first, last) = (after + 1, through);
        if (isNewestFirst)
        {
            for (first = through + 1; first > after + 1 && Fits(first - 1); first--)
            {
            }
        }
        else
        {
            for (last = after; last < through && Fits(last + 1); last++)
            {
            }
        }

        var messages = new KeptMessage[Math.Max(0, last - first + 1)];
        for (var i = 0; i < messages.Length; i++)
        {
            var entry = ring[first + i];
            messages[i] = new KeptMessage(first + i, default, entry.Room.Group, entry.Room.Channel, entry.IsVoid ? [] : entry.Payload, entry.IsVoid);
        }

        foreach (var (offset, origin) in ledger.Headers(first - 1, last))
        {
            ref var message = ref messages[offset - first];
            message = message.Origin == default ? message with { Origin = origin.ToWire() } : message;
        }

        return messages;

        bool Fits(long offset)
        {
            var isFirst = bytes == 0;
            bytes += TopicRing.BytesOf(ring[offset]);
            return isFirst || bytes <= maxBytes;
        }
    }

    /// <summary>Answers a request for messages.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="ledger">What identifies its messages.</param>
    /// <param name="marks">The epoch table.</param>
    /// <param name="ballot">The ballot of the answer.</param>
    public static TailPage Answer(this FetchRequest request, TopicRing ring, IdentityLedger ledger, EpochMark[] marks, Ballot? ballot)
    {
        var through = Math.Min(request.Through, ring.Head);
        var after = Math.Clamp(request.After, 0, through);
        if (request.IsNewestFirst)
        {
            after = Math.Max(after, ring.Floor);
        }
        else if (after < ring.Floor)
        {
            return new TailPage(TailStatus.Evicted, ballot, marks, ring.Head, ring.Floor + 1, [], HasMore: false);
        }

        var messages = after >= through ? [] : ring.Read(ledger, after, through, FetchRequest.PageBytes, request.IsNewestFirst);
        return new TailPage(TailStatus.Page, ballot, marks, ring.Head, ring.Floor + 1, messages, messages.Length < through - after);
    }
}
