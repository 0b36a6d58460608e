using System.Collections.Concurrent;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Which pipe leads to which silo, and which silo has which lane: learned from answers, and right most of the time. A batch that takes the
/// wrong pipe is passed on by the silo where it comes out.
/// </summary>
/// <remarks>
/// Lanes that may have to be passed on have pipes of their own, one for each key of publishers: a call waits for all of its lanes, and one
/// that is on a silo that hangs must not delay those whose silo is known.
/// </remarks>
internal sealed class PublishPipes(IGrainFactory grains, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>How many keys of publishers are used. Each leads to one silo, any of them: enough that every silo of a cluster is probably reached.</summary>
    public const int Keys = 16;

    private const int RememberedLanes = 1 << 14;

    // About as long as a call takes that waits for nobody. Not where a call may wait for a silo that hangs.
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(2);

    private readonly PublishPipe?[] _byKey = new PublishPipe?[Keys];
    private readonly ConcurrentDictionary<Guid, PublishPipe> _bySilo = new();
    private readonly Location?[] _locations = new Location?[RememberedLanes]; // the last lane of each hash

    /// <summary>The pipe for a lane; null when it should not take one now.</summary>
    public PublishPipe? Find(Lane lane)
    {
        var pipe = _locations[lane.Stripe(RememberedLanes)] is { } known && known.Lane == lane ? known.Pipe : OfKey(lane.Stripe(Keys));
        return pipe is { IsAvoided: false } ? pipe : null;
    }

    /// <summary>A pipe's call was answered by <paramref name="silo"/>.</summary>
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

    /// <summary>A batch of the lane was answered.</summary>
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
            location = new Location(lane, next); // it may lead to the silo that is looked for
        }
    }

    // Null when the silos that this gateway knows are all older than publishers.
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
        new(key, grains.GetGrain<IPublisherGrain>(key), silo == Guid.Empty ? TimeSpan.Zero : GatherFor, this, timeProvider, logger) { Silo = silo };

    private sealed record Location(Lane Lane, PublishPipe Pipe);
}
