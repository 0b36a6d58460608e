using Direct.Edge.Diagnostics;
using Direct.Edge.Topics;
using Direct.Lookups;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Rights;

/// <summary>
/// Answers which rights users have in rooms. Look-ups are made many at once, those of the same right share one, and answers are cached.
/// </summary>
/// <remarks>
/// <see cref="Discard"/> closes the race between a join and a backend that withdraws a right. A join reads <see cref="Generation"/>, looks its right
/// up, and compares the generation again under the lock under which it enters the index. If <see cref="Discard"/> came before that comparison, the join
/// looks its right up again, and finds an answer from after the discard. Otherwise the join has entered the index before whoever discards has taken
/// the same lock to find memberships, and its membership is found.
/// </remarks>
internal sealed partial class RoomRights : IDisposable
{
    /// <summary>Specifies the number of look-ups of <see cref="FindFreshAsync"/> under way. They come on top of those of joins and broadcasts.</summary>
    public const int MaxFreshLookups = 2;

    private const int MaxDiscarded = 64;

    private readonly IRightsSource? _source;
    private readonly BatchedLookup<RightsKey, long?>? _lookup;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly Target[] _discarded = new Target[MaxDiscarded]; // what each of the last generations discarded; guarded by itself
    private readonly SemaphoreSlim _fresh = new(MaxFreshLookups);
    private int _generation;

    /// <summary>Creates rights that allow everything to everyone.</summary>
    public RoomRights(GatewayMetrics metrics) => (_metrics, _timeProvider) = (metrics, TimeProvider.System);

    /// <summary>Creates rights that are looked up.</summary>
    /// <param name="source">Where they are looked up.</param>
    /// <param name="lookupMetrics">The instruments of the look-ups.</param>
    /// <param name="options">The limits of the look-ups.</param>
    /// <param name="metrics">The instruments of the gateway.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">The log.</param>
    public RoomRights(
        IRightsSource source,
        LookupMetrics lookupMetrics,
        IOptions<RightsOptions> options,
        GatewayMetrics metrics,
        TimeProvider timeProvider,
        ILogger<RoomRights> logger)
    {
        (_source, _metrics, _timeProvider) = (source, metrics, timeProvider);
        var settings = new LookupSettings<long?>(
            options.Value.MaxQueries, IRightsSource.MaxKeys, options.Value.Timeout, options.Value.CacheFor, options.Value.MaxCachedAnswers,
            Unavailable: null, MayCache: static _ => true);
        _lookup = new BatchedLookup<RightsKey, long?>(
            source.FindAllAsync, settings, lookupMetrics, timeProvider, (exception, count) => Log.LookupFailed(logger, exception, count));
    }

    /// <summary>Gets whether the source answered lately.</summary>
    public bool IsUp => _source?.IsUp != false;

    /// <summary>Gets whether everyone may do everything, and nothing is looked up.</summary>
    public bool IsOpen => _lookup is null;

    /// <summary>Gets how often answers were discarded.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Finds a right, in the cache or at the source. An answer from the cache completes synchronously and allocates nothing.</summary>
    public ValueTask<RightsAnswer> FindAsync(RightsKey key) =>
        _lookup is null ? new ValueTask<RightsAnswer>(RightsAnswer.All)
        : _lookup.TryGetCached(key, out var mask) ? new ValueTask<RightsAnswer>(RightsAnswer.Of(mask))
        : LookUpAsync(_lookup, key);

    /// <summary>
    /// Finds the right to join a room. A refusal is not taken from the cache, so that a user who has just been given the right may join at once. Nobody
    /// needs a right to leave all rooms.
    /// </summary>
    public ValueTask<JoinPermit> FindForJoinAsync(RightsKey key)
    {
        var generation = Generation; // before the answer
        if (_lookup is null || key is { Group: 0, Channel: 0 })
        {
            return new ValueTask<JoinPermit>(new JoinPermit(this, key, generation, RightsAnswer.All));
        }

        return _lookup.TryGetCached(key, out var mask) && RightsAnswer.Of(mask) is { CanRead: true } answer
            ? new ValueTask<JoinPermit>(new JoinPermit(this, key, generation, answer))
            : LookUpForJoinAsync(_lookup, key, generation);
    }

    /// <summary>
    /// Discards the cached answers of users and rooms that <paramref name="part"/> matches. Look-ups of them that are under way are repeated before
    /// their answer is used.
    /// </summary>
    public void Discard(Target part)
    {
        if (_lookup is not null)
        {
            if (part is { Group: not 0, Channel: not 0, User: not 0 })
            {
                _lookup.Discard(new RightsKey(part.User, part.Group, part.Channel));
            }
            else
            {
                _lookup.Discard(key => part.Matches(key.Group, key.Channel, key.User));
            }

            lock (_discarded)
            {
                _discarded[unchecked((uint)(_generation + 1)) % MaxDiscarded] = part;
                Volatile.Write(ref _generation, _generation + 1); // last, so that a join that reads the new one finds no earlier answer
            }
        }
    }

    /// <summary>
    /// Returns whether an answer was discarded since a generation. It is also true if that was so many discards ago that the parts are not known any more.
    /// </summary>
    public bool IsDiscardedSince(int generation, RightsKey key)
    {
        if (Generation == generation)
        {
            return false;
        }

        lock (_discarded)
        {
            return _generation - generation > MaxDiscarded
                || Enumerable.Range(generation + 1, _generation - generation).Any(
                    later => _discarded[unchecked((uint)later) % MaxDiscarded].Matches(key.Group, key.Channel, key.User));
        }
    }

    /// <summary>Finds rights as they are now, not in the cache. The answers replace those in the cache.</summary>
    /// <returns>An answer for each key, in their order.</returns>
    public async ValueTask<IReadOnlyList<RightsAnswer>> FindFreshAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken)
    {
        if (_lookup is null)
        {
            return [.. Enumerable.Repeat(RightsAnswer.All, keys.Count)];
        }

        var answers = new List<RightsAnswer>(keys.Count);
        foreach (var batch in keys.Chunk(IRightsSource.MaxKeys))
        {
            await _fresh.WaitAsync(cancellationToken);
            try
            {
                answers.AddRange((await _lookup.FindFreshAsync(batch, cancellationToken)).Select(RightsAnswer.Of));
            }
            finally
            {
                _fresh.Release();
            }
        }

        return answers;
    }

    public void Dispose() => _fresh.Dispose();

    /// <summary>Looks rights up until it is stopped.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        _lookup is null ? Task.CompletedTask : Task.WhenAll(_source!.RunAsync(stoppingToken), _lookup.RunAsync(stoppingToken));

    private async ValueTask<JoinPermit> LookUpForJoinAsync(BatchedLookup<RightsKey, long?> lookup, RightsKey key, int generation) =>
        new(this, key, generation, await LookUpAsync(lookup, key, isNewRefusalNeeded: true));

    // A refusal that another look-up shares may be from a moment before this one, and the right may have been given in between.
    private async ValueTask<RightsAnswer> LookUpAsync(BatchedLookup<RightsKey, long?> lookup, RightsKey key, bool isNewRefusalNeeded = false)
    {
        var startedAt = _timeProvider.GetTimestamp();
        var answer = RightsAnswer.Of(await lookup.FindAsync(key, out var isShared));
        if (isNewRefusalNeeded && isShared && answer is { IsKnown: true, CanRead: false })
        {
            answer = RightsAnswer.Of(await lookup.FindAsync(key, out _));
        }

        var outcome = !answer.IsKnown ? "unavailable" : answer.CanRead || answer.CanWrite ? "granted" : "none";
        _metrics.RightLookedUp(outcome, _timeProvider.GetElapsedTime(startedAt));
        return answer;
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.RightsLookupFailed, LogLevel.Error,
            "Looking up {Rights} rights failed because of an error in this node: they are refused as if the source were down")]
        public static partial void LookupFailed(ILogger logger, Exception exception, int rights);
    }
}
