using System.Diagnostics.CodeAnalysis;

namespace Direct.Keeping;

/// <summary>Holds messages of a log that have arrived before the messages in front of them. Not thread-safe: the lock of its owner guards it.</summary>
/// <param name="maxBytes">The bytes that may wait.</param>
internal sealed class HiddenEntries(long maxBytes)
{
    // What an entry takes in addition to what it takes in a ring: an object, a slot of the dictionary, the stamp and the origin.
    private const int OwnBytes = 100;

    private readonly Dictionary<long, Hidden> _entries = [];

    /// <summary>Gets the bytes that wait, as they are counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Returns what an entry counts.</summary>
    public static int BytesOf(KeptEntry entry) => TopicRing.BytesOf(entry) + OwnBytes;

    /// <summary>Adds a message, or replaces the one with the same offset. Returns false if there is no space for it.</summary>
    public bool TryAdd(Stamp stamp, KeptEntry entry, Origin origin)
    {
        TryTake(stamp.Offset, out _);
        if (Bytes + BytesOf(entry) > maxBytes)
        {
            return false;
        }

        Bytes += BytesOf(entry);
        _entries.Add(stamp.Offset, new Hidden(stamp, entry, origin));
        return true;
    }

    /// <summary>Removes the message with this offset, if it is there.</summary>
    public bool TryTake(long offset, [NotNullWhen(true)] out Hidden? hidden)
    {
        if (!_entries.Remove(offset, out var found))
        {
            hidden = null;
            return false;
        }

        Bytes -= BytesOf(found.Entry);
        hidden = found;
        return true;
    }

    /// <summary>Represents a message that waits.</summary>
    internal sealed record Hidden(Stamp Stamp, KeptEntry Entry, Origin Origin);
}
