using System.Numerics;

namespace Direct.Keeping;

/// <summary>
/// Holds the end of the log of one topic: the last messages, and the offset of the last one, which remains when the messages are gone. Not
/// thread-safe: the lock of its owner guards it.
/// </summary>
/// <remarks>
/// An entry takes a reference, up to twice that while the array grows, and its payload. The rooms of a user's messages, and the numbers of connections
/// that received a message, are in further arrays, which exist only if there are any. A ring without entries has no array.
/// </remarks>
internal sealed class TopicRing
{
    /// <summary>Specifies what an entry takes besides its payload, as it is counted: the reference, and the header and padding of the array.</summary>
    public const int EntryBytes = 48;

    // In the second array.
    private const int RoomBytes = 16;

    private const int FewestSlots = 4;

    private byte[]?[] _payloads = [];
    private (long Group, long Channel)[]? _rooms;
    private int[]? _receivers;

    /// <summary>Gets the offset of the last message, whether or not it is still held; 0 before the first.</summary>
    public long Head { get; private set; }

    /// <summary>Gets the number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the offset after which every message up to <see cref="Head"/> is held.</summary>
    public long Floor => Head - Count;

    /// <summary>Gets the bytes of all entries, as they are counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets an entry by its offset, above <see cref="Floor"/> and not above <see cref="Head"/>.</summary>
    public KeptEntry this[long offset]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offset, Floor);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Head);
            var slot = SlotOf(offset, _payloads.Length);
            return new KeptEntry(_payloads[slot]!, _rooms?[slot] ?? default);
        }
    }

    /// <summary>Returns what an entry counts.</summary>
    public static int BytesOf(KeptEntry entry) => BytesOf(entry.Payload.Length) + (entry.Room == default ? 0 : RoomBytes);

    /// <summary>Returns what an entry with a payload of this length counts, if it has no room.</summary>
    public static int BytesOf(int payloadBytes) => EntryBytes + payloadBytes;

    /// <summary>Appends a message and returns its offset.</summary>
    public long Append(KeptEntry entry)
    {
        GrowIfFull();
        Head++;
        Count++;
        Bytes += BytesOf(entry);
        Set(Head, entry);
        return Head;
    }

    /// <summary>Adds a message in front of all that are held: that of <see cref="Floor"/>, which must be above 0.</summary>
    public void Prepend(KeptEntry entry)
    {
        ArgumentOutOfRangeException.ThrowIfZero(Floor);
        GrowIfFull();
        Count++;
        Set(Floor + 1, entry);
        Bytes += BytesOf(entry);
    }

    /// <summary>Makes an entry void, if it is held. Returns the bytes that it no longer counts.</summary>
    public long Void(long offset)
    {
        if (offset <= Floor || offset > Head)
        {
            return 0;
        }

        var before = Bytes;
        Bytes += BytesOf(KeptEntry.Void) - BytesOf(this[offset]);
        Set(offset, KeptEntry.Void);
        return before - Bytes;
    }

    /// <summary>Removes the entries above an offset, which becomes the head. Returns the bytes that they counted.</summary>
    /// <param name="offset">At most <see cref="Head"/>. If it is below <see cref="Floor"/>, no entry remains.</param>
    public long CutAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Head);
        if (offset <= Floor)
        {
            return Restart(offset);
        }

        var before = Bytes;
        while (Head > offset)
        {
            Bytes -= BytesOf(this[Head]);
            _payloads[SlotOf(Head, _payloads.Length)] = null;
            Head--;
            Count--;
        }

        Shrink();
        return before - Bytes;
    }

    /// <summary>Removes all entries and continues after an offset. Returns the bytes that they counted.</summary>
    public long Restart(long head)
    {
        var before = Bytes;
        (Head, Count, Bytes) = (head, 0, 0);
        Shrink();
        return before;
    }

    /// <summary>Returns the number of connections that <see cref="SetReceivers"/> has stored for an entry; 0 if there is none.</summary>
    public int ReceiversOf(long offset) => _receivers is not null && offset > Floor && offset <= Head ? _receivers[SlotOf(offset, _receivers.Length)] : 0;

    /// <summary>Stores the number of connections that received an entry, if it is held.</summary>
    public void SetReceivers(long offset, int connections)
    {
        if (offset > Floor && offset <= Head && (_receivers is not null || connections > 0))
        {
            _receivers ??= new int[_payloads.Length];
            _receivers[SlotOf(offset, _receivers.Length)] = connections;
        }
    }

    /// <summary>Drops the entries up to an offset, at most all. Returns the bytes that they counted.</summary>
    public long EvictThrough(long offset)
    {
        var before = Bytes;
        while (Count > 0 && Floor < offset)
        {
            EvictOldest();
        }

        Shrink();
        return before - Bytes;
    }

    /// <summary>Drops the oldest entries until the rest counts no more than a limit. Returns the bytes that they counted.</summary>
    public long EvictAbove(long bytes)
    {
        var before = Bytes;
        while (Bytes > bytes)
        {
            EvictOldest();
        }

        Shrink();
        return before - Bytes;
    }

    // The array has a power of two slots, so an offset keeps its slot while the ring moves on.
    private static int SlotOf(long offset, int slots) => (int)(offset & (slots - 1));

    private void Set(long offset, KeptEntry entry)
    {
        var slot = SlotOf(offset, _payloads.Length);
        _payloads[slot] = entry.Payload;
        if (entry.Room != default)
        {
            _rooms ??= new (long, long)[_payloads.Length];
        }

        if (_rooms is not null)
        {
            _rooms[slot] = entry.Room;
        }

        if (_receivers is not null)
        {
            _receivers[slot] = 0;
        }
    }

    private void EvictOldest()
    {
        var oldest = Floor + 1;
        Bytes -= BytesOf(this[oldest]);
        _payloads[SlotOf(oldest, _payloads.Length)] = null;
        Count--;
    }

    private void GrowIfFull()
    {
        if (Count == _payloads.Length)
        {
            Resize(Math.Max(FewestSlots, Count * 2));
        }
    }

    private void Shrink()
    {
        if (Count == 0)
        {
            (_payloads, _rooms, _receivers) = ([], null, null);
        }
        else if (_payloads.Length > FewestSlots && Count <= _payloads.Length / 4)
        {
            Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(FewestSlots, Count * 2)));
        }
    }

    private void Resize(int slots)
    {
        var payloads = new byte[]?[slots];
        var rooms = _rooms is null ? null : new (long, long)[slots];
        var receivers = _receivers is null ? null : new int[slots];
        for (var offset = Floor + 1; offset <= Head; offset++)
        {
            var (from, to) = (SlotOf(offset, _payloads.Length), SlotOf(offset, slots));
            payloads[to] = _payloads[from];
            if (rooms is not null)
            {
                rooms[to] = _rooms![from];
            }

            if (receivers is not null)
            {
                receivers[to] = _receivers![from];
            }
        }

        (_payloads, _rooms, _receivers) = (payloads, rooms, receivers);
    }
}
