using Direct.Edge.Backplane;

namespace Direct.Edge.Presence;

/// <summary>How the cluster is: what its gateways say of themselves, and a silo of the silos.</summary>
/// <param name="AnsweredBy">The name of the gateway that tells it.</param>
/// <param name="Gateways">Those that have answered, by name.</param>
/// <param name="Silos">The members of the cluster, by name.</param>
/// <param name="Missing">The names of the gateways that have not answered, or do not know the query.</param>
internal sealed record ClusterStatus(
    string AnsweredBy, IReadOnlyList<NamedResponse> Gateways, IReadOnlyList<SiloMember> Silos, IReadOnlyList<string> Missing)
{
    /// <param name="answer">The gateways' answers.</param>
    /// <param name="name">This gateway's name.</param>
    /// <param name="ask">Asks this gateway alone: it knows itself even if no silo reaches it.</param>
    public static ClusterStatus Of(ClusterAnswer answer, string name, Func<GatewayResponse> ask)
    {
        var gateways = answer.Responses.Where(static named => named.Response.Status is not null).ToList();
        var missing = answer.Missing.Concat(answer.Responses.Where(static named => named.Response.Status is null).Select(static named => named.Gateway)).ToList();
        if (gateways.TrueForAll(named => named.Gateway != name))
        {
            gateways.Add(new NamedResponse(name, ask()));
            missing.Remove(name);
        }

        return new ClusterStatus(
            name,
            [.. gateways.OrderBy(static named => named.Gateway, StringComparer.Ordinal)],
            [.. answer.Silos.OrderBy(static silo => silo.Name, StringComparer.Ordinal)],
            [.. missing.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The largest topics over all gateways that have answered, the largest first.</summary>
    public IEnumerable<TopicSize> Largest(int count) => Gateways
        .SelectMany(static named => named.Response.Status!.Topics)
        .GroupBy(static topic => topic.Target, static (target, topics) => new TopicSize(target, topics.Sum(static topic => topic.Connections)))
        .OrderByDescending(static topic => topic.Connections)
        .ThenBy(static topic => (topic.Target.Group, topic.Target.Channel))
        .Take(count);
}
