using System.Collections.Concurrent;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Finds the pipe for a lane. It learns from answers which pipe leads to which silo, and which silo hosts which lane. If it is wrong, the silo that
/// receives a batch forwards it.
/// </summary>
/// <remarks>
/// Lanes whose silo is not known use separate pipes, one for each key of publishers. A call waits for all of its lanes, so a batch that is forwarded to
/// a silo that hangs would otherwise delay the lanes of other silos.
/// </remarks>
internal sealed class PublishPipes(IGrainFactory grains, LanePublisher publisher, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Specifies the number of publisher keys. Each leads to an arbitrary silo; there are enough of them to reach every silo of a usual cluster.</summary>
    public const int Keys = 16;

    private const int RememberedLanes = 1 << 14;

    private readonly PublishPipe?[] _byKey = new PublishPipe?[Keys];
    private readonly ConcurrentDictionary<Guid, PublishPipe> _bySilo = new();
    private readonly Location?[] _locations = new Location?[RememberedLanes]; // by hash; a lane replaces another with the same hash

    /// <summary>Returns the pipe for a lane; null if the lane should use a call of its own now.</summary>
    public PublishPipe? Find(Lane lane)
    {
        var pipe = _locations[lane.Stripe(RememberedLanes)] is { } known && known.Lane == lane ? known.Pipe : OfKey(lane.Stripe(Keys));
        return pipe is { IsAvoided: false } ? pipe : null;
    }

    /// <summary>Learns that a pipe leads to <paramref name="silo"/>.</summary>
    public void Learn(PublishPipe pipe, Guid silo)
    {
        if (pipe.Silo == silo)
        {
            return;
        }

        _bySilo.TryRemove(KeyValuePair.Create(pipe.Silo, pipe));
        pipe.Silo = silo;
        if (!_bySilo.ContainsKey(silo))
        {
            _bySilo.TryAdd(silo, Create(pipe.Key, silo));
        }
    }

    /// <summary>Learns from the answer to a batch which silo hosts its lane.</summary>
    public void Learn(Lane lane, PublishAnswer? answer)
    {
        if (answer is null || answer.Silo == Guid.Empty)
        {
            return;
        }

        ref var location = ref _locations[lane.Stripe(RememberedLanes)];
        if (location is { } known && known.Lane == lane && known.Pipe.Silo == answer.Silo)
        {
            return;
        }

        if (_bySilo.TryGetValue(answer.Silo, out var pipe))
        {
            location = new Location(lane, pipe);
        }
        else if (Array.FindIndex(_byKey, static pipe => pipe is null || pipe.Silo == Guid.Empty) is >= 0 and var unused && OfKey(unused) is { } next)
        {
            location = new Location(lane, next); // it may lead to that silo
        }
    }

    // Returns null if all silos are of a version without publishers.
    private PublishPipe? OfKey(int key)
    {
        if (_byKey[key] is { } known)
        {
            return known;
        }

        try
        {
            var pipe = Create(key, Guid.Empty);
            return Interlocked.CompareExchange(ref _byKey[key], pipe, null) ?? pipe;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private PublishPipe Create(int key, Guid silo) =>
        new(key, grains.GetGrain<IPublisherGrain>(key), gathers: silo != Guid.Empty, publisher, this, timeProvider, logger) { Silo = silo };

    private sealed record Location(Lane Lane, PublishPipe Pipe);
}
