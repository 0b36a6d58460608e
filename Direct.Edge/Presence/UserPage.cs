using Direct.Edge.Backplane;

namespace Direct.Edge.Presence;

/// <summary>Represents one page of connected users of all gateways.</summary>
/// <param name="Rows">The rows in the order of their keys, each key once.</param>
/// <param name="Next">The start of the next page, or null if this is the last one.</param>
internal sealed record UserPage(IReadOnlyList<UserRow> Rows, UserRowKey? Next)
{
    /// <summary>Merges the pages of the gateways. The page ends with the shortest page that has more, because later rows are not certain.</summary>
    public static UserPage Merge(IReadOnlyCollection<GatewayResponse> replies, int limit)
    {
        var end = replies.Where(reply => reply.HasMore).Select(reply => (UserRowKey?)reply.Rows[^1].Key).Min();
        var rows = replies.SelectMany(reply => reply.Rows)
            .Where(row => end is not { } last || row.Key <= last)
            .GroupBy(row => row.Key, static (key, rows) => new UserRow(key, rows.Sum(row => row.Connections)))
            .OrderBy(row => row.Key)
            .ToList();
        return rows.Count > limit
            ? new UserPage(rows[..limit], rows[limit - 1].Key)
            : new UserPage(rows, end);
    }
}
