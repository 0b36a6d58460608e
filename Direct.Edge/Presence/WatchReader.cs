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

        var open = lowest.UnorderedItems.Select(item => Describe(item.Element, query.Target)).OrderBy(static connection => connection.Id);
        return new GatewayResponse(count)
        {
            HasMore = count > query.Limit,
            Watched = new WatchedConnections([.. open], recorder.Read(query.Target, query.WithMessages)),
        };
    }

    // A connection in many rooms is shown once, with the first room that is watched.
    private OpenConnection Describe(Connection connection, Target target)
    {
        var room = connection.SpeaksDirect2 ? connection.RoomsIn(target).FirstOrDefault() : new RoomId(connection.GroupId, connection.ChannelId);
        return new OpenConnection(
            connection.Id,
            new Target(room.Group, room.Channel, connection.UserId),
            TimeSpan.FromMilliseconds(Math.Max(0, wheel.CurrentMs - connection.OpenedMs)),
            connection.WaitingBytes);
    }
}
