using System.Net;
using System.Runtime.InteropServices;
using Direct.Edge.Timing;

namespace Direct.Edge.Connections;

/// <summary>
/// Limits how often the connections of one address join together, because each join may cost the cluster three grains. An address is remembered until
/// its bucket is full again, and not only until its last connection has left. A new connection therefore brings no new burst.
/// </summary>
internal sealed class AddressJoins(EffectiveLimits limits, DeadlineWheel wheel)
{
    private const int FirstSweep = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, TokenBucket> _buckets = [];
    private int _sweepAt = FirstSweep;

    /// <summary>Gets the number of addresses that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Returns whether another join is within the limit of its address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="canWait">Whether the join can wait. Then it leaves a tenth of the burst for joins that cannot.</param>
    public bool TryTake(IPAddress address, bool canWait = false)
    {
        if (limits.JoinsPerSecondPerAddress == 0)
        {
            return true;
        }

        lock (_gate)
        {
            var nowMs = wheel.NowMs;
            if (_buckets.Count >= _sweepAt)
            {
                Sweep(nowMs);
            }

            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, address, out var isKnown);
            if (!isKnown)
            {
                bucket = new TokenBucket(limits.JoinsPerSecondPerAddress, limits.JoinBurstPerAddress, nowMs);
            }

            return bucket.TryTake(nowMs, canWait ? limits.JoinBurstPerAddress / 10 : 0);
        }
    }

    // Runs when there are twice as many entries as the last sweep left, so that each join pays for checking only a few others.
    private void Sweep(long nowMs)
    {
        foreach (var (address, bucket) in _buckets)
        {
            if (bucket.IsFull(nowMs))
            {
                _buckets.Remove(address);
            }
        }

        _sweepAt = Math.Max(FirstSweep, _buckets.Count * 2);
    }
}
