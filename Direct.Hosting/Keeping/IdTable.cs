using System.Numerics;

namespace Direct.Keeping;

/// <summary>
/// Maps the hashes of ids to offsets, and removes the oldest first. It takes 36 bytes for each id, up to twice that while it grows. A dictionary and a queue of
/// the ages would take twice as much.
/// </summary>
internal sealed class IdTable
{
    private const int FewestSlots = 4;

    // A ring of slots in the order of their addition, which is that of offsets. Chains of those with the same bucket lead from the newest to the oldest.
    private Slot[] _slots = new Slot[FewestSlots];
    private int[] _buckets = new int[FewestSlots]; // the slot of the newest id, from 1; 0 if there is none
    private int _first;

    /// <summary>Gets the number of ids.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the number of slots in use: the ids, and those that were removed between others.</summary>
    public int Slots { get; private set; }

    /// <summary>Gets a slot in the order of offsets. The hash is empty if the id was removed.</summary>
    public (Guid Hash, long Offset) this[int index] => (_slots[At(index)].Hash, _slots[At(index)].Offset);

    public bool TryFind(Guid hash, out long offset) => TryFind(hash, out offset, out _);

    public bool TryFind(Guid hash, out long offset, out int addedAt)
    {
        for (var next = _buckets[BucketOf(hash)]; next != 0; next = _slots[next - 1].Next)
        {
            if (_slots[next - 1].Hash == hash)
            {
                (offset, addedAt) = (_slots[next - 1].Offset, _slots[next - 1].AddedAt);
                return true;
            }
        }

        (offset, addedAt) = (0, 0);
        return false;
    }

    /// <summary>Adds an id that is not there. Its offset is not below those of the others.</summary>
    public void Add(Guid hash, long offset, int addedAt)
    {
        if (Slots == _slots.Length)
        {
            Resize(Slots * 2);
        }

        Slots++;
        Count++;
        Link(At(Slots - 1), new Slot { Hash = hash, Offset = offset, AddedAt = addedAt });
    }

    public void Remove(Guid hash)
    {
        for (var next = _buckets[BucketOf(hash)]; next != 0; next = _slots[next - 1].Next)
        {
            if (_slots[next - 1].Hash == hash)
            {
                Unlink(next - 1);
                return;
            }
        }
    }

    /// <summary>Removes the ids that were added before a time. Returns their number.</summary>
    public int RemoveOlderThan(double addedAt)
    {
        var before = Count;
        while (Slots > 0 && _slots[_first].AddedAt < addedAt)
        {
            RemoveOldest();
        }

        Shrink();
        return before - Count;
    }

    /// <summary>Removes the older half of the ids. Returns their number.</summary>
    public int RemoveOlderHalf()
    {
        var (before, left) = (Count, Count / 2);
        while (Count > left)
        {
            RemoveOldest();
        }

        Shrink();
        return before - Count;
    }

    /// <summary>Removes the ids above an offset. Returns their number.</summary>
    public int RemoveAbove(long offset)
    {
        var before = Count;
        while (Slots > 0 && this[Slots - 1].Offset > offset)
        {
            Unlink(At(Slots - 1));
            Slots--;
        }

        Shrink();
        return before - Count;
    }

    /// <summary>Returns the index of the first slot above an offset.</summary>
    public int IndexAfter(long offset)
    {
        var (low, high) = (0, Slots);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = this[middle].Offset <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int At(int index) => (_first + index) & (_slots.Length - 1);

    private int BucketOf(Guid hash) => hash.GetHashCode() & (_buckets.Length - 1); // the hash is random already

    private void Link(int at, Slot slot)
    {
        ref var bucket = ref _buckets[BucketOf(slot.Hash)];
        slot.Next = bucket;
        bucket = at + 1;
        _slots[at] = slot;
    }

    private void RemoveOldest()
    {
        Unlink(_first);
        _first = At(1);
        Slots--;
    }

    // The slot keeps its offset and its age.
    private void Unlink(int at)
    {
        ref var slot = ref _slots[at];
        if (slot.Hash == Guid.Empty)
        {
            return;
        }

        ref var link = ref _buckets[BucketOf(slot.Hash)];
        while (link != at + 1)
        {
            link = ref _slots[link - 1].Next;
        }

        link = slot.Next;
        slot.Hash = Guid.Empty;
        Count--;
    }

    private void Shrink()
    {
        if (_slots.Length > FewestSlots && Slots <= _slots.Length / 4)
        {
            Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(FewestSlots, Slots * 2)));
        }
    }

    private void Resize(int slots)
    {
        var ids = new Slot[Slots];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = _slots[At(i)];
        }

        (_slots, _buckets, _first) = (new Slot[slots], new int[slots], 0);
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i].Hash == Guid.Empty)
            {
                _slots[i] = ids[i];
            }
            else
            {
                Link(i, ids[i]);
            }
        }
    }

    private struct Slot
    {
        public Guid Hash;
        public long Offset;
        public int AddedAt; // seconds
        public int Next; // the next older slot of the chain, from 1; 0 if there is none
    }
}
