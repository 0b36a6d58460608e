namespace Direct.Lookups;

/// <summary>Configures the look-ups of one kind.</summary>
/// <typeparam name="TAnswer">The type of an answer.</typeparam>
/// <param name="MaxQueries">The number of queries in flight; further look-ups wait.</param>
/// <param name="BatchSize">The largest number of keys in one query.</param>
/// <param name="Timeout">How long a look-up may wait for its query. After that it is answered by <paramref name="Unavailable"/>.</param>
/// <param name="CacheFor">How long answers are cached; zero: not at all.</param>
/// <param name="MaxCached">The largest number of cached answers.</param>
/// <param name="Unavailable">The answer while the source cannot be reached. It is never cached.</param>
/// <param name="MayCache">Whether another answer may be cached.</param>
internal sealed record LookupSettings<TAnswer>(
    int MaxQueries, int BatchSize, TimeSpan Timeout, TimeSpan CacheFor, int MaxCached, TAnswer Unavailable, Func<TAnswer, bool> MayCache);
