using Direct.Edge.Backplane;

namespace Direct.Edge.Presence;

/// <summary>Counts the users over all gateways, each once, by merging their ids page by page.</summary>
internal sealed class UserCount
{
    /// <summary>Specifies the largest number of ids in one page of a gateway.</summary>
    public const int PageSize = 50_000;

    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal);

    /// <summary>Gets whether a page has been added.</summary>
    public bool HasStarted { get; private set; }

    public long Connections { get; private set; }

    public long Users { get; private set; }

    /// <summary>Gets the number of gateways that hold matching connections.</summary>
    public int Gateways { get; private set; }

    /// <summary>Gets the gateways that did not answer, at the beginning or later.</summary>
    public IReadOnlyCollection<string> Missing => _missing;

    /// <summary>Gets the user after which the next page begins; null if everyone has been counted.</summary>
    public UserRowKey? Next { get; private set; }

    /// <summary>Adds a page. The counts of connections and gateways are those of the first page.</summary>
    public void Add(ClusterAnswer answer)
    {
        if (!HasStarted)
        {
            HasStarted = true;
            Connections = answer.Responses.Sum(static named => (long)named.Response.Connections);
            Gateways = answer.Responses.Count(static named => named.Response.Connections > 0);
        }

        _missing.UnionWith(answer.Missing);

        // After the end of the shortest page that has more, the counts are not certain.
        var end = answer.Responses.Where(static named => named.Response.HasMore).Select(static named => (long?)named.Response.Users[^1]).Min();
        var known = new HashSet<long>();
        foreach (var (_, reply) in answer.Responses)
        {
            known.UnionWith(end is { } last ? reply.Users.TakeWhile(user => user <= last) : reply.Users);
        }

        Users += known.Count;
        Next = end is { } user ? new UserRowKey(user, 0, 0) : null;
    }
}
