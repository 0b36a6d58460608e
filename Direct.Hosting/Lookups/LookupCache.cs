using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Direct.Lookups;

/// <summary>Caches answers for a fixed time. Reading takes no lock and allocates nothing.</summary>
/// <param name="lifetime">How long an answer is cached; zero: not at all.</param>
/// <param name="maxEntries">The largest number of answers. The oldest are removed first.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class LookupCache<TKey, TAnswer>(TimeSpan lifetime, int maxEntries, TimeProvider timeProvider)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<TKey, (TAnswer Answer, long AskedAt)> _entries = new();
    private readonly Queue<(TKey Key, long AskedAt)> _ages = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TAnswer answer)
    {
        var isFresh = _entries.TryGetValue(key, out var entry) && IsFresh(entry.AskedAt);
        answer = entry.Answer;
        return isFresh;
    }

    /// <summary>Adds an answer, unless a newer one is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="askedAt">When the query began, as a timestamp: the answer may have been out of date since then.</param>
    public void Add(TKey key, TAnswer answer, long askedAt)
    {
        if (lifetime == TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var known) && known.AskedAt > askedAt)
            {
                return;
            }

            _entries[key] = (answer, askedAt);
            _ages.Enqueue((key, askedAt));

            // It may become empty: if the process stalls here for long enough, the entry that was just added is too old.
            while (_ages.TryPeek(out var oldest) && (_ages.Count > maxEntries || !IsFresh(oldest.AskedAt)))
            {
                _ages.Dequeue();
                if (_entries.TryGetValue(oldest.Key, out var entry) && entry.AskedAt == oldest.AskedAt)
                {
                    _entries.TryRemove(oldest.Key, out _);
                }
            }
        }
    }

    public void Remove(TKey key)
    {
        lock (_gate)
        {
            _entries.TryRemove(key, out _);
        }
    }

    /// <summary>Removes all entries whose key matches. The cost grows with the number of entries.</summary>
    public void Remove(Func<TKey, bool> match)
    {
        lock (_gate)
        {
            foreach (var (key, _) in _entries)
            {
                if (match(key))
                {
                    _entries.TryRemove(key, out _);
                }
            }
        }
    }

    private bool IsFresh(long askedAt) => timeProvider.GetElapsedTime(askedAt) < lifetime;
}
