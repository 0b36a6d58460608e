using System.Collections.Concurrent;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Remembers the highest ballot of each lane that this gateway has answered or delivered for. It refuses everything of a lower one, because the
/// activation with the higher ballot has read what the gateway keeps, and continues the log from there. This is phase 1 of Paxos.
/// </summary>
/// <remarks>
/// A promise is kept while the gateway has rings of the lane, and <see cref="KeepFor"/> after: by then no link of an earlier activation repeats a
/// delivery. Ages are measured with timestamps, so they do not depend on the wall clock.
/// </remarks>
/// <param name="timeProvider">The clock.</param>
/// <param name="kept">What the gateway keeps.</param>
internal sealed class LanePromises(TimeProvider timeProvider, IKeptLanes kept)
{
    /// <summary>Specifies the time for which a promise is kept after the last use, and after the last ring of the lane.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Lane, Promise> _promises = new();
    private long _sweptAt = timeProvider.GetTimestamp();

    /// <summary>Gets the number of lanes whose ballots are remembered.</summary>
    public int Count => _promises.Count;

    /// <summary>
    /// Locks a lane until the result is disposed. If <paramref name="ballot"/> is not below the promised one, it is promised from now on, and the
    /// caller may deliver, answer or change what is kept while it holds the lock.
    /// </summary>
    public Entry Enter(Lane lane, Ballot ballot)
    {
        SweepNowAndThen();
        while (true)
        {
            var promise = _promises.GetOrAdd(lane, static _ => new Promise());
            Monitor.Enter(promise);
            if (promise.IsSwept)
            {
                Monitor.Exit(promise);
                continue;
            }

            promise.UsedAt = timeProvider.GetTimestamp();
            return new Entry(promise, isAllowed: ballot.Number <= Ballot.MaxNumber && promise.TryRaise(ballot));
        }
    }

    /// <summary>Returns the highest ballot that is promised for a lane; null if there is none.</summary>
    public Ballot? HighestOf(Lane lane)
    {
        if (!_promises.TryGetValue(lane, out var promise))
        {
            return null;
        }

        lock (promise)
        {
            return promise.Ballot;
        }
    }

    private void SweepNowAndThen()
    {
        var now = timeProvider.GetTimestamp();
        var sweptAt = Volatile.Read(ref _sweptAt);
        if (timeProvider.GetElapsedTime(sweptAt, now) < SweepPeriod || Interlocked.CompareExchange(ref _sweptAt, now, sweptAt) != sweptAt)
        {
            return;
        }

        foreach (var (lane, promise) in _promises)
        {
            lock (promise)
            {
                if (kept.HasRings(lane))
                {
                    promise.UsedAt = now;
                }
                else if (timeProvider.GetElapsedTime(promise.UsedAt, now) > KeepFor)
                {
                    promise.IsSwept = true;
                    _promises.TryRemove(lane, out _);
                }
            }
        }
    }

    /// <summary>Represents the lock of a lane, and whether a ballot is refused.</summary>
    public readonly ref struct Entry(Promise promise, bool isAllowed) : IDisposable
    {
        /// <summary>Gets whether the ballot is not below the promised one.</summary>
        public bool IsAllowed => isAllowed;

        /// <summary>Gets the highest ballot that is promised for the lane; null if there is none.</summary>
        public Ballot? Promised => promise.Ballot;

        public void Dispose() => Monitor.Exit(promise);
    }

    /// <summary>Represents the ballot of one lane. It is also the lock of the lane.</summary>
    /// <remarks>There is one for each lane that has delivered something lately, so it is small: it does not hold the ballot that came with the last delivery.</remarks>
    internal sealed class Promise
    {
        private long _number = -1; // below that of every ballot
        private Guid _activation;

        public Ballot? Ballot => _number < 0 ? null : new Ballot(_number, _activation);

        public long UsedAt { get; set; }

        public bool IsSwept { get; set; }

        /// <summary>Promises a ballot. Returns false if a higher one is promised.</summary>
        public bool TryRaise(Ballot ballot)
        {
            if ((ballot.Number, ballot.Activation).CompareTo((_number, _activation)) < 0)
            {
                return false;
            }

            (_number, _activation) = (ballot.Number, ballot.Activation);
            return true;
        }
    }
}
