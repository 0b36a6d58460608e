using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Grains.Gateways;

namespace Direct.Gateway.Cluster;

/// <summary>Maps queries and answers between the types of a node and the types on the wire.</summary>
internal static class QueryMapping
{
    public static ConnectionQuery ToWire(this ClusterQuery query) => new(
        (ConnectionQueryKind)(byte)query.Kind,
        query.Target.Group,
        query.Target.Channel,
        query.Target.User,
        query.After is { } after ? new UserConnectionsKey(after.User, after.Group, after.Channel) : null,
        query.Limit,
        query.CloseCode,
        query.CloseText);

    public static ClusterQuery ToQuery(this ConnectionQuery query) =>
        new((ClusterQueryKind)(byte)query.Kind, new Target(query.Group, query.Channel, query.User))
        {
            After = query.After?.ToRowKey(),
            Limit = query.Limit,
            CloseCode = query.CloseCode,
            CloseText = query.CloseText,
        };

    public static ConnectionResponse ToWire(this GatewayResponse reply) => new(
        reply.Connections,
        [.. reply.Rows.Select(static row => new UserConnections(new UserConnectionsKey(row.Key.User, row.Key.Group, row.Key.Channel), row.Connections))],
        [.. reply.Users],
        reply.HasMore);

    public static ClusterAnswer ToAnswer(this QueryAnswer answer) => answer.Outcome switch
    {
        QueryOutcome.Answered => new ClusterAnswer(
            QueryStatus.Answered,
            [.. answer.Gateways.Zip(answer.Responses, static (gateway, reply) => new NamedResponse(gateway, reply.ToResponse()))],
            answer.Missing),
        QueryOutcome.NotReady => ClusterAnswer.NotReady,
        _ => ClusterAnswer.Lost,
    };

    private static GatewayResponse ToResponse(this ConnectionResponse reply) => new(reply.Connections)
    {
        Rows = [.. reply.Rows.Select(static row => new UserRow(row.Key.ToRowKey(), row.Connections))],
        Users = reply.Users,
        HasMore = reply.HasMore,
    };

    private static UserRowKey ToRowKey(this UserConnectionsKey key) => new(key.User, key.Group, key.Channel);
}
