using Direct.Edge.Backplane;

namespace Direct.Edge.LiveView;

/// <summary>What one live view has been told, and what is new in the next answer of the cluster.</summary>
internal sealed class WatchState
{
    /// <summary>The most connections that are shown.</summary>
    public const int MaxConnections = 200;

    /// <summary>The most events that one answer may make. If there are more, they are counted, and all connections are shown anew.</summary>
    public const int MaxEvents = 50;

    private readonly Dictionary<string, long> _nextNumbers = []; // by the name of a gateway
    private Dictionary<(string Gateway, long Id), WatchedRow>? _rows;
    private IReadOnlyCollection<string>? _missing = [];
    private bool _hadMore;

    /// <summary>Takes the next answer.</summary>
    /// <returns>The events that it makes, in their order.</returns>
    public IReadOnlyList<WatchEvent> Apply(ClusterAnswer answer)
    {
        var events = new List<WatchEvent>();
        var isAnswered = answer.Status is QueryStatus.Answered;
        NoteMissing(events, isAnswered ? [.. answer.Missing, .. answer.Responses.Where(static named => named.Response.Watched is null).Select(static named => named.Gateway)] : null);
        if (!isAnswered)
        {
            return events;
        }

        NamedResponse[] replies = [.. answer.Responses.Where(static named => named.Response.Watched is not null)];
        var all = replies.SelectMany(RowsOf).Concat(RowsOfMissing(replies))
            .DistinctBy(static row => (row.Gateway, row.Id)) // gateways should have different names, but nothing ensures that they do
            .OrderBy(static row => row.Gateway, StringComparer.Ordinal).ThenBy(static row => row.Id).ToArray();
        var (before, rows) = (_rows, all.Take(MaxConnections).ToDictionary(static row => (row.Gateway, row.Id)));
        var hasMore = all.Length > MaxConnections || replies.Any(static named => named.Response.HasMore);
        var recent = replies.SelectMany(TakeRecent).ToList();
        var isOther = hasMore != _hadMore;
        (_rows, _hadMore) = (rows, hasMore);
        if (before is null)
        {
            return [WatchEvent.Snapshot(rows.Values, hasMore), .. events];
        }

        var changes = Changes(before, rows).Concat(recent).ToList();
        return changes.Count <= MaxEvents
            ? [.. events, .. changes, .. isOther ? [WatchEvent.Snapshot(rows.Values, hasMore)] : Array.Empty<WatchEvent>()]
            : [.. events, WatchEvent.Skipped(changes.Count), WatchEvent.Snapshot(rows.Values, hasMore)];
    }

    private static IEnumerable<WatchedRow> RowsOf(NamedResponse named) =>
        named.Response.Watched!.Open.Select(open => new WatchedRow(named.Gateway, open.Id, open.Place, open.Age, open.QueuedBytes));

    // A gateway that has not answered still has what it had, as far as is known.
    private IEnumerable<WatchedRow> RowsOfMissing(NamedResponse[] replies)
    {
        var missing = (_missing ?? []).Except(replies.Select(static named => named.Gateway)).ToHashSet();
        return (_rows ?? []).Values.Where(row => missing.Contains(row.Gateway));
    }

    private static IEnumerable<WatchEvent> Changes(
        Dictionary<(string Gateway, long Id), WatchedRow> before, Dictionary<(string Gateway, long Id), WatchedRow> now)
    {
        foreach (var (key, row) in now)
        {
            if (!before.TryGetValue(key, out var known))
            {
                yield return WatchEvent.Joined(row);
            }
            else if (!row.LooksLike(known))
            {
                yield return WatchEvent.Changed(row);
            }
        }

        foreach (var (key, row) in before)
        {
            if (!now.ContainsKey(key))
            {
                yield return WatchEvent.Left(row);
            }
        }
    }

    private void NoteMissing(List<WatchEvent> events, IReadOnlyCollection<string>? missing)
    {
        var isSame = missing is null || _missing is null ? missing == _missing : missing.Order(StringComparer.Ordinal).SequenceEqual(_missing.Order(StringComparer.Ordinal));
        if (!isSame)
        {
            _missing = missing;
            events.Add(WatchEvent.Gateways(missing));
        }
    }

    // What the gateway had recorded before the first answer is not new, and after a restart its numbers begin again.
    private List<WatchEvent> TakeRecent(NamedResponse named)
    {
        var recent = named.Response.Watched!.Recent;
        var isKnown = _nextNumbers.TryGetValue(named.Gateway, out var from);
        _nextNumbers[named.Gateway] = recent.Next;
        if (!isKnown)
        {
            return [];
        }

        from = recent.Next < from ? 0 : from;
        return
        [
            .. recent.Ended.Where(ended => ended.Number >= from).Select(ended => WatchEvent.Ended(named.Gateway, ended)),
            .. recent.Delivered.Where(message => message.Number >= from).Select(message => WatchEvent.Message(named.Gateway, message)),
        ];
    }
}
