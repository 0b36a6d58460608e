using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Direct.Lookups;

/// <summary>
/// Looks up keys, many with one query. Keys wait in one queue, and a few concurrent queries take as many as wait: ten thousand look-ups at one moment
/// are a hundred queries, of which the source receives only a few at once. Look-ups of the same key share one query, and answers are cached.
/// </summary>
/// <remarks>
/// The gate makes <see cref="Discard(TKey)"/> one step with respect to answers: an answer is either cached before it, and removed by it, or its query began
/// before it and is repeated.
/// </remarks>
/// <param name="query">Finds the answers of many keys: one for each, in their order. It does not throw if the source is down.</param>
/// <param name="settings">The limits of the look-ups, and which answers are cached.</param>
/// <param name="metrics">The instruments of these look-ups.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="onError">Reports an error in Direct, and how many look-ups it has failed.</param>
internal sealed class BatchedLookup<TKey, TAnswer>(
    Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyList<TAnswer>>> query,
    LookupSettings<TAnswer> settings,
    LookupMetrics metrics,
    TimeProvider timeProvider,
    Action<Exception, int> onError)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly LookupCache<TKey, TAnswer> _cache = new(settings.CacheFor, settings.MaxCached, timeProvider);
    private readonly Channel<Lookup> _waiting = Channel.CreateUnbounded<Lookup>(); // bounded by what the callers let wait
    private readonly ConcurrentDictionary<TKey, Lookup> _underWay = new();
    private int _discards;

    /// <summary>Finds a cached answer.</summary>
    public bool TryGetCached(TKey key, [MaybeNullWhen(false)] out TAnswer answer)
    {
        if (!_cache.TryGet(key, out answer))
        {
            return false;
        }

        metrics.CacheHit();
        return true;
    }

    /// <summary>Looks up a key, without regard to the cache. A look-up that joins one under way may get an answer from a moment before its call.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isShared">Whether it has joined one under way.</param>
    public Task<TAnswer> FindAsync(TKey key, out bool isShared)
    {
        var own = new Lookup(key, timeProvider.GetTimestamp());
        var lookup = _underWay.GetOrAdd(key, own);
        isShared = lookup != own;
        if (isShared)
        {
            metrics.Joined();
        }
        else
        {
            _waiting.Writer.TryWrite(own);
        }

        return lookup.Task;
    }

    /// <summary>Looks up many keys at once with one query that begins now. The answers replace those in the cache.</summary>
    /// <returns>An answer for each key, in their order.</returns>
    public async ValueTask<IReadOnlyList<TAnswer>> FindFreshAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return [];
        }

        var (discards, askedAt) = (Volatile.Read(ref _discards), timeProvider.GetTimestamp());
        var answers = await query(keys, cancellationToken);
        lock (_gate)
        {
            for (var i = 0; i < keys.Count; i++)
            {
                Remember(keys[i], answers[i], askedAt, mayCache: _discards == discards);
            }
        }

        return answers;
    }

    /// <summary>
    /// Discards the cached answers of keys that match. Look-ups of them whose query has begun are repeated before their answer is used.
    /// </summary>
    public void Discard(Func<TKey, bool> match)
    {
        lock (_gate)
        {
            _discards++;
            _cache.Remove(match);
            foreach (var (key, lookup) in _underWay)
            {
                if (match(key))
                {
                    lookup.IsOutdated = true;
                }
            }
        }
    }

    /// <summary>Discards the cached answer of one key, as <see cref="Discard(Func{TKey, bool})"/> does, without a search.</summary>
    public void Discard(TKey key)
    {
        lock (_gate)
        {
            _discards++;
            _cache.Remove(key);
            if (_underWay.TryGetValue(key, out var lookup))
            {
                lookup.IsOutdated = true;
            }
        }
    }

    /// <summary>Answers look-ups until it is stopped.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.MaxQueries).Select(_ => LookUpAsync(stoppingToken)));

    private async Task LookUpAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Lookup>(settings.BatchSize);
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            Take(batch);
            try
            {
                TKey[] keys = [.. batch.Select(static lookup => lookup.Key)];
                var answers = keys.Length == 0 ? [] : await query(keys, stoppingToken);
                for (var i = 0; i < batch.Count; i++)
                {
                    Answer(batch[i], answers[i]);
                }
            }
#pragma warning disable CA1031 // The top of a loop: an error in Direct must not end it, because every later look-up of one of these keys would wait for one that is never answered.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                onError(exception, batch.Count);
                batch.ForEach(lookup => Answer(lookup, settings.Unavailable));
            }
        }
    }

    private void Take(List<Lookup> batch)
    {
        batch.Clear();
        while (batch.Count < settings.BatchSize && _waiting.Reader.TryRead(out var lookup))
        {
            if (timeProvider.GetElapsedTime(lookup.RequestedAt) < settings.Timeout)
            {
                (lookup.IsOutdated, lookup.AskedAt) = (false, timeProvider.GetTimestamp()); // its query begins now
                batch.Add(lookup);
            }
            else
            {
                Answer(lookup, settings.Unavailable); // its caller waits no longer
            }
        }
    }

    // May be called more than once: the next look-up of the same key may be in flight by now.
    private void Answer(Lookup lookup, TAnswer answer)
    {
        lock (_gate)
        {
            if (lookup.IsOutdated && !IsUnavailable(answer))
            {
                _waiting.Writer.TryWrite(lookup);
                return;
            }

            if (_underWay.TryRemove(KeyValuePair.Create(lookup.Key, lookup)))
            {
                Remember(lookup.Key, answer, lookup.AskedAt, mayCache: true);
            }
        }

        lookup.TrySetResult(answer);
    }

    private bool IsUnavailable(TAnswer answer) => EqualityComparer<TAnswer>.Default.Equals(answer, settings.Unavailable);

    // Under the gate. An answer that may not be cached must not leave an older one behind.
    private void Remember(TKey key, TAnswer answer, long askedAt, bool mayCache)
    {
        if (IsUnavailable(answer))
        {
            return;
        }

        if (mayCache && settings.MayCache(answer))
        {
            _cache.Add(key, answer, askedAt);
        }
        else
        {
            _cache.Remove(key);
        }
    }

    /// <summary>Represents a key that waits, and all callers that wait for it.</summary>
    private sealed class Lookup(TKey key, long requestedAt) : TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private volatile bool _isOutdated;

        public TKey Key { get; } = key;

        public long RequestedAt { get; } = requestedAt;

        /// <summary>Gets or sets when its query began, as a timestamp.</summary>
        public long AskedAt { get; set; }

        /// <summary>Gets or sets whether the answer of the query under way must not be used.</summary>
        public bool IsOutdated
        {
            get => _isOutdated;
            set => _isOutdated = value;
        }
    }
}
