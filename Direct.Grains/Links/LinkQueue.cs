using System.Numerics;

namespace Direct.Grains.Links;

/// <summary>
/// Holds the batches that wait for one gateway. Lanes are divided among stripes. While a call with batches of a stripe is in flight, no other
/// call takes from that stripe, so several calls in flight preserve the order of each lane. Not thread-safe.
/// </summary>
/// <remarks>
/// A gateway delays its answer to a whole call if one topic in it is overloaded. The stripes of a slow call are therefore sent separately next: those
/// that are fast then share calls again, and the slow one delays no other.
/// </remarks>
/// <param name="maxCallBytes">The limit of one call in bytes. A single larger batch still goes, alone.</param>
internal sealed class LinkQueue(int maxCallBytes)
{
    /// <summary>Specifies the number of stripes, which is the number of bits in a mask.</summary>
    public const int Stripes = 64;

    private readonly Queue<Item>?[] _waiting = new Queue<Item>?[Stripes];
    private ulong _nonEmpty;
    private ulong _underWay;
    private ulong _slow;
    private bool _wasSlowTaken; // slow stripes and the others alternate
    private int _first; // the stripe where the next call begins, which rotates so that no stripe starves

    /// <summary>Gets whether a call can take something now.</summary>
    public bool CanTake => (_nonEmpty & ~_underWay) != 0;

    /// <summary>Adds a batch at the end of its stripe. Returns the bytes that it counts for in the memory budget.</summary>
    public int Add(IDelivery delivery)
    {
        var stripe = delivery.Batch.Lane.Stripe(Stripes);
        var item = new Item(delivery, delivery.Batch.QueuedBytes);
        (_waiting[stripe] ??= new Queue<Item>()).Enqueue(item);
        _nonEmpty |= 1UL << stripe;
        return item.Bytes;
    }

    /// <summary>Takes the batches for one call from all stripes that no other call holds. Returns the mask of the stripes that the call holds now.</summary>
    /// <param name="taken">Receives the deliveries.</param>
    /// <param name="bytes">The bytes that they count for.</param>
    public ulong Take(List<IDelivery> taken, out int bytes)
    {
        bytes = 0;
        var stripes = 0UL;
        var available = _nonEmpty & ~_underWay;
        var isSlow = (available & _slow) != 0 && (!_wasSlowTaken || (available & ~_slow) == 0);
        _wasSlowTaken = isSlow;
        var free = BitOperations.RotateRight(available & (isSlow ? _slow : ~_slow), _first);
        while (free != 0)
        {
            var stripe = (BitOperations.TrailingZeroCount(free) + _first) % Stripes;
            free &= free - 1;
            if (!TryTake(stripe, taken, ref bytes))
            {
                break;
            }

            stripes |= 1UL << stripe;
            if (_waiting[stripe]!.Count > 0)
            {
                break; // full
            }

            _nonEmpty &= ~(1UL << stripe);
            if (isSlow)
            {
                break;
            }
        }

        _underWay |= stripes;
        _first = (_first + 1) % Stripes;
        return stripes;
    }

    /// <summary>Releases the stripes of a call that has ended.</summary>
    /// <param name="stripes">The mask that <see cref="Take"/> returned.</param>
    /// <param name="isSlow">Whether the call took so long that publishers no longer wait for it.</param>
    public void Release(ulong stripes, bool isSlow)
    {
        _underWay &= ~stripes;
        _slow = isSlow ? _slow | stripes : _slow & ~stripes;
    }

    /// <summary>Takes everything that waits.</summary>
    /// <param name="taken">Receives the deliveries.</param>
    /// <returns>The bytes that they count for.</returns>
    public long TakeAll(List<IDelivery> taken)
    {
        var bytes = 0L;
        foreach (var queue in _waiting)
        {
            while (queue is not null && queue.TryDequeue(out var item))
            {
                taken.Add(item.Delivery);
                bytes += item.Bytes;
            }
        }

        _nonEmpty = 0;
        return bytes;
    }

    // False if the call has no room for a single batch.
    private bool TryTake(int stripe, List<IDelivery> taken, ref int bytes)
    {
        var queue = _waiting[stripe]!;
        var hasTaken = false;
        while (queue.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= maxCallBytes))
        {
            bytes += next.Bytes;
            taken.Add(queue.Dequeue().Delivery);
            hasTaken = true;
        }

        return hasTaken;
    }

    private readonly record struct Item(IDelivery Delivery, int Bytes);
}
