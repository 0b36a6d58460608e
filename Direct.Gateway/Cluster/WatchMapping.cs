using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Grains.Gateways;

namespace Direct.Gateway.Cluster;

/// <summary>What a live view is told, between the words of a node and the words of the wire.</summary>
internal static class WatchMapping
{
    public static WatchFigures ToWire(this WatchedConnections watched) => new(
        [.. watched.Open.Select(static open => new OpenConnectionFigures(open.Id, open.Place.Group, open.Place.Channel, open.Place.User, open.Age, open.QueuedBytes))],
        watched.Recent.Next,
        [.. watched.Recent.Ended.Select(static ended => new EndedConnectionFigures(
            ended.Number, ended.Id, ended.Place.Group, ended.Place.Channel, ended.Place.User, ended.Code, ended.Reason))],
        [.. watched.Recent.Delivered.Select(static message => new DeliveredMessageFigures(
            message.Number, message.Target.Group, message.Target.Channel, message.Target.User, message.Bytes, message.Hash, message.Connections))]);

    public static WatchedConnections ToWatched(this WatchFigures figures) => new(
        [.. figures.Open.Select(static open => new OpenConnection(open.Id, new Target(open.Group, open.Channel, open.User), open.Age, open.QueuedBytes))],
        new RecentEvents(
            figures.Next,
            [.. figures.Ended.Select(static ended => new EndedConnection(
                ended.Number, ended.Id, new Target(ended.Group, ended.Channel, ended.User), ended.Code, ended.Reason))],
            [.. figures.Delivered.Select(static message => new DeliveredMessage(
                message.Number, new Target(message.Group, message.Channel, message.User), message.Bytes, message.Hash, message.Connections))]));
}
