using System.Numerics;

namespace Direct.Grains.Links;

/// <summary>
/// What waits for one gateway. Lanes are divided among stripes; while a call is under way with batches of a stripe, no other takes from it,
/// so the order of each lane holds although several calls are under way. Not thread-safe.
/// </summary>
/// <param name="maxCallBytes">How much one call takes at most, unless a single batch is larger.</param>
internal sealed class LinkQueue(int maxCallBytes)
{
    /// <summary>How many stripes there are: the bits of a mask.</summary>
    public const int Stripes = 64;

    private const int EnvelopeBytes = 100;

    private readonly Queue<Item>?[] _waiting = new Queue<Item>?[Stripes];
    private ulong _nonEmpty;
    private ulong _underWay;
    private int _first; // where the next call begins to take, so that each stripe has its turn

    /// <summary>Whether a call could take something now.</summary>
    public bool CanTake => (_nonEmpty & ~_underWay) != 0;

    /// <summary>Puts a batch behind all that wait in its stripe. Returns its bytes, as they count for the memory.</summary>
    public int Add(IDelivery delivery)
    {
        var stripe = delivery.Batch.Lane.Stripe(Stripes);
        var item = new Item(delivery, BytesOf(delivery));
        (_waiting[stripe] ??= new Queue<Item>()).Enqueue(item);
        _nonEmpty |= 1UL << stripe;
        return item.Bytes;
    }

    /// <summary>Takes what one call carries, of all stripes that no other call has. Returns the mask of the stripes it has now.</summary>
    /// <param name="taken">Gets the deliveries.</param>
    /// <param name="bytes">What they count for.</param>
    public ulong Take(List<IDelivery> taken, out int bytes)
    {
        bytes = 0;
        var stripes = 0UL;
        var free = BitOperations.RotateRight(_nonEmpty & ~_underWay, _first);
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
        }

        _underWay |= stripes;
        _first = (_first + 1) % Stripes;
        return stripes;
    }

    /// <summary>A call has ended.</summary>
    /// <param name="stripes">What <see cref="Take"/> returned.</param>
    public void Release(ulong stripes) => _underWay &= ~stripes;

    /// <summary>Takes everything that waits.</summary>
    /// <param name="taken">Gets the deliveries.</param>
    /// <returns>What they count for.</returns>
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

    private static int BytesOf(IDelivery delivery)
    {
        var bytes = 0;
        foreach (var signal in delivery.Batch.Signals)
        {
            bytes += signal.Payload.Length + EnvelopeBytes;
        }

        return bytes;
    }

    // False when there is no room for even one.
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
