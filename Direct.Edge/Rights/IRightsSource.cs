namespace Direct.Edge.Rights;

/// <summary>Looks up which rights users have in rooms.</summary>
public interface IRightsSource
{
    /// <summary>Specifies the largest number of keys in one look-up.</summary>
    const int MaxKeys = 100;

    /// <summary>Gets where rights are looked up, as text for people.</summary>
    string Location { get; }

    /// <summary>Gets whether it answered lately. If not, a look-up would not be answered either.</summary>
    bool IsUp { get; }

    /// <summary>Finds the rights of many keys, at the cost of one look-up. It does not throw if the source is down.</summary>
    /// <param name="keys">The keys, at most <see cref="MaxKeys"/>; some may occur twice.</param>
    /// <param name="cancellationToken">Cancelled if the answer is no longer needed.</param>
    /// <returns>
    /// A mask for each key, in their order: 1 to read, 2 to write; the other bits belong to the backend. Null if the source cannot answer now, or
    /// not for this key.
    /// </returns>
    ValueTask<IReadOnlyList<long?>> FindAllAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Does the work of the source besides look-ups, from the node's start to its end. It is called once, and only for the source in use.
    /// </summary>
    Task RunAsync(CancellationToken stoppingToken);
}
