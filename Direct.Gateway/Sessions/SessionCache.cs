using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

/// <summary>Caches sessions that were found recently, so that a user who reconnects with ten tabs is looked up once.</summary>
internal sealed class SessionCache(IOptions<MySqlSessionOptions> options, TimeProvider timeProvider)
{
    /// <summary>Specifies the largest number of cached sessions. The oldest are removed first.</summary>
    public const int MaxEntries = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Session Session, long FoundAt)> _entries = [];
    private readonly Queue<(string Token, long FoundAt)> _ages = new();

    public bool TryGet(string token, out Session session)
    {
        lock (_gate)
        {
            var isFresh = _entries.TryGetValue(token, out var entry) && IsFresh(entry.FoundAt);
            session = entry.Session;
            return isFresh;
        }
    }

    public void Add(string token, Session session)
    {
        if (options.Value.CacheFor == TimeSpan.Zero)
        {
            return;
        }

        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            _entries[token] = (session, now);
            _ages.Enqueue((token, now));

            // It may become empty: if the process stalls here for long enough, the entry that was just added is too old.
            while (_ages.TryPeek(out var oldest) && (_ages.Count > MaxEntries || !IsFresh(oldest.FoundAt)))
            {
                _ages.Dequeue();
                if (_entries.TryGetValue(oldest.Token, out var entry) && entry.FoundAt == oldest.FoundAt)
                {
                    _entries.Remove(oldest.Token);
                }
            }
        }
    }

    public void Remove(string token)
    {
        lock (_gate)
        {
            _entries.Remove(token);
        }
    }

    private bool IsFresh(long foundAt) => timeProvider.GetElapsedTime(foundAt) < options.Value.CacheFor;
}
