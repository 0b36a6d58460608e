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
        query.CloseText)
    {
        WithMessages = query.WithMessages,
        RecheckId = query.RecheckId,
    };

    public static ClusterQuery ToQuery(this ConnectionQuery query) =>
        new((ClusterQueryKind)(byte)query.Kind, new Target(query.Group, query.Channel, query.User))
        {
            After = query.After?.ToRowKey(),
            Limit = query.Limit,
            CloseCode = query.CloseCode,
            CloseText = query.CloseText,
            WithMessages = query.WithMessages,
            RecheckId = query.RecheckId,
        };

    public static ConnectionResponse ToWire(this GatewayResponse reply) => new(
        reply.Connections,
        [.. reply.Rows.Select(static row => new UserConnections(new UserConnectionsKey(row.Key.User, row.Key.Group, row.Key.Channel), row.Connections))],
        [.. reply.Users],
        reply.HasMore,
        reply.Status?.ToWire())
    {
        Watched = reply.Watched?.ToWire(),
        Recheck = reply.Recheck is { } recheck ? new RecheckFigures((RecheckProgress)(byte)recheck.State, recheck.Checked, recheck.Removed) : null,
    };

    public static ClusterAnswer ToAnswer(this QueryAnswer answer) => answer.Outcome switch
    {
        QueryOutcome.Answered => new ClusterAnswer(
            QueryStatus.Answered,
            [.. answer.Gateways.Zip(answer.Responses, static (gateway, reply) => new NamedResponse(gateway, reply.ToResponse()))],
            answer.Missing)
        {
            Silos = [.. (answer.Silos ?? []).Select(static silo => new SiloMember(silo.Name, silo.Version, silo.Status))],
        },
        QueryOutcome.NotReady => ClusterAnswer.NotReady,
        _ => ClusterAnswer.Lost,
    };

    private static GatewayResponse ToResponse(this ConnectionResponse reply) => new(reply.Connections)
    {
        Rows = [.. reply.Rows.Select(static row => new UserRow(row.Key.ToRowKey(), row.Connections))],
        Users = reply.Users,
        HasMore = reply.HasMore,
        Status = reply.Status?.ToStatus(),
        Watched = reply.Watched?.ToWatched(),
        Recheck = reply.Recheck is { } recheck ? new RecheckStatus((RecheckState)(byte)recheck.Progress, recheck.Checked, recheck.Removed) : null,
    };

    private static GatewayFigures ToWire(this GatewayStatus status) => new(
        status.Version,
        (GatewayCondition)(byte)status.State,
        status.LeaseLeft,
        status.Deliveries,
        status.Signals,
        status.QueuedBytes,
        status.Uptime,
        [.. status.Canaries.Select(static canary => new CanaryFigures(canary.Silo, canary.Latency, canary.Ago, canary.IsOk))],
        [.. status.Topics.Select(static topic => new TopicFigures(topic.Target.Group, topic.Target.Channel, topic.Connections))]);

    private static GatewayStatus ToStatus(this GatewayFigures figures) => new(figures.Version, (GatewayState)(byte)figures.Condition)
    {
        LeaseLeft = figures.LeaseLeft,
        Deliveries = figures.Deliveries,
        Signals = figures.Signals,
        QueuedBytes = figures.QueuedBytes,
        Uptime = figures.Uptime,
        Canaries = [.. figures.Canaries.Select(static canary => new SiloCanary(canary.Silo, canary.Latency, canary.Ago, canary.IsOk))],
        Topics = [.. figures.Topics.Select(static topic => new TopicSize(new Target(topic.Group, topic.Channel, 0), topic.Connections))],
    };

    private static UserRowKey ToRowKey(this UserConnectionsKey key) => new(key.User, key.Group, key.Channel);
}
