using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;

namespace Direct.Edge.Presence;

/// <summary>Answers queries from this gateway's own index.</summary>
internal sealed class PresenceHandler(TopicIndex index, StatusReader status, WatchReader watches, RecheckRuns rechecks) : IPresenceHandler
{
    public GatewayResponse Answer(ClusterQuery query)
    {
        var matching = index.Matching(query.Target);
        return query.Kind switch
        {
            ClusterQueryKind.Count => new GatewayResponse(matching.Count()),
            ClusterQueryKind.Rows => Rows(matching, query),
            ClusterQueryKind.Users => Users(matching, query),
            ClusterQueryKind.Close => Close(matching, query),
            ClusterQueryKind.Status => status.Read(query.Limit),
            ClusterQueryKind.Watch => watches.Read(matching, query),
            ClusterQueryKind.Recheck => rechecks.Read(query.RecheckId, query.Target),
            _ => throw new NotSupportedException($"A gateway of a later version sent a query of the unknown kind {query.Kind}."), // so that it is told that this one has not answered
        };
    }

    private static GatewayResponse Rows(IEnumerable<IRecipient> matching, ClusterQuery query)
    {
        var rows = new TopN<UserRowKey>(query.Limit);
        var connections = 0;
        foreach (var connection in matching)
        {
            connections++;
            if (!connection.SpeaksDirect2)
            {
                Add(rows, new UserRowKey(connection.UserId, connection.GroupId, connection.ChannelId), query.After);
                continue;
            }

            foreach (var room in connection.RoomsIn(query.Target))
            {
                Add(rows, new UserRowKey(connection.UserId, room.Group, room.Channel), query.After);
            }
        }

        var (first, hasMore) = rows.Take();
        return new GatewayResponse(connections) { Rows = [.. first.Select(row => new UserRow(row.Key, row.Value))], HasMore = hasMore };
    }

    private static void Add(TopN<UserRowKey> rows, UserRowKey row, UserRowKey? after)
    {
        if (after is not { } end || row > end)
        {
            rows.Add(row);
        }
    }

    private static GatewayResponse Users(IEnumerable<IRecipient> matching, ClusterQuery query)
    {
        var users = new TopN<long>(query.Limit);
        var connections = 0;
        foreach (var connection in matching)
        {
            connections++;
            if (query.After is not { } after || connection.UserId > after.User)
            {
                users.Add(connection.UserId);
            }
        }

        var (first, hasMore) = users.Take();
        return new GatewayResponse(connections) { Users = [.. first.Select(user => user.Key)], HasMore = hasMore };
    }

    // Collects all connections first, because a connection that closes leaves the index.
    private static GatewayResponse Close(IEnumerable<IRecipient> matching, ClusterQuery query)
    {
        var reason = CloseReason.ByBackend with { Code = query.CloseCode, Text = query.CloseText };
        return new GatewayResponse(matching.ToArray().Count(connection => connection.TryBeginClose(reason)));
    }
}
