using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Grains.Gateways;

namespace Direct.Gateway.Cluster;

/// <summary>Questions and answers, between the words of a node and the words of the wire.</summary>
internal static class QueryMapping
{
    public static ConnectionQuestion ToWire(this ClusterQuery question) => new(
        (ConnectionQuestionKind)(byte)question.Kind,
        question.Target.Group,
        question.Target.Channel,
        question.Target.User,
        question.After is { } after ? new UserPlaceKey(after.User, after.Group, after.Channel) : null,
        question.Limit,
        question.CloseCode,
        question.CloseText)
    {
        WithMessages = question.WithMessages,
    };

    public static ClusterQuery ToQuestion(this ConnectionQuestion question) =>
        new((QuestionKind)(byte)question.Kind, new Target(question.Group, question.Channel, question.User))
        {
            After = question.After?.ToPlace(),
            Limit = question.Limit,
            CloseCode = question.CloseCode,
            CloseText = question.CloseText,
            WithMessages = question.WithMessages,
        };

    public static ConnectionReply ToWire(this GatewayResponse reply) => new(
        reply.Connections,
        [.. reply.Rows.Select(static row => new UserConnections(new UserPlaceKey(row.Place.User, row.Place.Group, row.Place.Channel), row.Connections))],
        [.. reply.Users],
        reply.HasMore,
        reply.Status?.ToWire())
    {
        Watched = reply.Watched?.ToWire(),
    };

    public static ClusterAnswer ToAnswer(this AskAnswer answer) => answer.Outcome switch
    {
        AskOutcome.Answered => new ClusterAnswer(
            AskStatus.Answered,
            [.. answer.Gateways.Zip(answer.Replies, static (gateway, reply) => new NamedReply(gateway, reply.ToReply()))],
            answer.Missing)
        {
            Silos = [.. (answer.Silos ?? []).Select(static silo => new SiloMember(silo.Name, silo.Version, silo.Status))],
        },
        AskOutcome.NotReady => ClusterAnswer.NotReady,
        _ => ClusterAnswer.Lost,
    };

    private static GatewayResponse ToReply(this ConnectionReply reply) => new(reply.Connections)
    {
        Rows = [.. reply.Rows.Select(static row => new UserRow(row.Place.ToPlace(), row.Connections))],
        Users = reply.Users,
        HasMore = reply.HasMore,
        Status = reply.Status?.ToStatus(),
        Watched = reply.Watched?.ToWatched(),
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

    private static UserPlace ToPlace(this UserPlaceKey key) => new(key.User, key.Group, key.Channel);
}
