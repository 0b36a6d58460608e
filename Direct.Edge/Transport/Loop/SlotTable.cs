namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Maps the tokens in the kernel's events to the sockets of one loop. A token contains the number of a slot and the slot's generation. A number is
/// reused, a generation is not, so a late event of a removed socket is not taken for one of its successor.
/// </summary>
/// <remarks>Only the loop's thread uses it.</remarks>
internal sealed class SlotTable
{
    /// <summary>Specifies the initial number of slots.</summary>
    public const int InitialSlots = 64;

    private const int None = -1;

    private Slot[] _slots = new Slot[InitialSlots];
    private int _used;
    private int _firstFree = None;

    /// <summary>Assigns a slot to a socket. Returns the token, which is never <see cref="ulong.MaxValue"/>.</summary>
    public ulong Add(ILoopSocket socket)
    {
        var index = _firstFree is None ? NewSlot() : _firstFree;
        ref var slot = ref _slots[index];
        _firstFree = slot.NextFree;
        slot.Socket = socket;
        return ((ulong)slot.Generation << 32) | (uint)index;
    }

    /// <summary>Finds the socket of a token; null if it has been removed.</summary>
    public ILoopSocket? Find(ulong token)
    {
        ref var slot = ref SlotOf(token);
        return slot.Generation == GenerationOf(token) ? slot.Socket : null;
    }

    /// <summary>Puts another socket into the slot of a token. Does nothing after <see cref="Remove"/>.</summary>
    public void Replace(ulong token, ILoopSocket socket)
    {
        ref var slot = ref SlotOf(token);
        if (slot.Generation == GenerationOf(token))
        {
            slot.Socket = socket;
        }
    }

    /// <summary>Frees the slot of a token. A second call does nothing, because another socket may have the slot by then.</summary>
    public void Remove(ulong token)
    {
        ref var slot = ref SlotOf(token);
        if (slot.Generation == GenerationOf(token))
        {
            slot.Socket = null;
            slot.Generation++;
            slot.NextFree = _firstFree;
            _firstFree = (int)(uint)token;
        }
    }

    private static uint GenerationOf(ulong token) => (uint)(token >> 32);

    private ref Slot SlotOf(ulong token) => ref _slots[(int)(uint)token];

    private int NewSlot()
    {
        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _used * 2);
        }

        _slots[_used].NextFree = None;
        return _used++;
    }

    private struct Slot
    {
        public ILoopSocket? Socket;
        public uint Generation;
        public int NextFree;
    }
}
