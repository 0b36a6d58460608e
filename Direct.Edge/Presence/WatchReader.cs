using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Edge.Watching;

namespace Direct.Edge.Presence;

/// <summary>Reads for a live view which connections match, and what the recorder has of them.</summary>
internal sealed class WatchReader(WatchRecorder recorder, DeadlineWheel wheel)
{
    public GatewayResponse Read(IEnumerable<IRecipient> matching, ClusterQuery query)
    {
        recorder.Renew(query.Target, query.WithMessages);

        // Those with the lowest ids: the same ones each time, whatever the order of the index is.
        var lowest = new PriorityQueue<Connection, long>();
        var count = 0;
        foreach (var connection in matching.OfType<Connection>())
        {
            count++;
            if (lowest.Count < query.Limit)
            {
                lowest.Enqueue(connection, -connection.Id);
            }
            else
            {
                lowest.EnqueueDequeue(connection, -connection.Id);
            }
        }

        var open = lowest.UnorderedItems.Select(item => Describe(item.Element)).OrderBy(static connection => connection.Id);
        return new GatewayResponse(count)
        {
            HasMore = count > query.Limit,
            Watched = new WatchedConnections([.. open], recorder.Read(query.Target, query.WithMessages)),
        };
    }

    private OpenConnection Describe(Connection connection) => new(
        connection.Id,
        new Target(connection.GroupId, connection.ChannelId, connection.UserId),
        TimeSpan.FromMilliseconds(Math.Max(0, wheel.CurrentMs - connection.OpenedMs)),
        connection.WaitingBytes);
}
