namespace Direct.Edge.Presence;

/// <summary>
/// Counts keys and keeps the first of them in their order. A page of a hundred keys out of a hundred thousand takes the memory of a few hundred, and
/// the keys are never all sorted.
/// </summary>
/// <param name="limit">The number of keys to keep. One more is kept, which shows that more exist.</param>
internal sealed class TopN<TKey>(int limit)
    where TKey : struct, IComparable<TKey>
{
    private readonly Dictionary<TKey, int> _counts = [];
    private TKey? _last; // later keys are not needed

    public void Add(TKey key)
    {
        if (_last is { } last && key.CompareTo(last) > 0)
        {
            return;
        }

        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        if (_counts.Count > 4L * (limit + 1))
        {
            Trim();
        }
    }

    /// <summary>Returns the first keys in their order, and how often each was added.</summary>
    public (KeyValuePair<TKey, int>[] First, bool HasMore) Take()
    {
        KeyValuePair<TKey, int>[] sorted = [.. _counts.OrderBy(count => count.Key)];
        return sorted.Length > limit ? (sorted[..limit], true) : (sorted, false);
    }

    // The removed keys come after limit + 1 others, which are only ever replaced by smaller ones. They can never be needed again.
    private void Trim()
    {
        TKey[] sorted = [.. _counts.Keys.Order()];
        foreach (var key in sorted.AsSpan(limit + 1))
        {
            _counts.Remove(key);
        }

        _last = sorted[limit];
    }
}
