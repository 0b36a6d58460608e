using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Members;
using Orleans.Concurrency;

namespace Direct.Grains.Queries;

/// <summary>
/// Implements <see cref="IGatewayQueryGrain"/>. It is reentrant, because a query that waits for an unresponsive gateway must not delay the next one.
/// </summary>
[GrainType("direct.gateway-query"), StatelessWorker, Reentrant]
internal sealed class GatewayQueryGrain(ILiveGateways gateways, SiloMembers silos) : Grain, IGatewayQueryGrain
{
    private static readonly QueryAnswer NotReady = new(QueryOutcome.NotReady, [], [], []);
    private static readonly QueryAnswer Unsure = new(QueryOutcome.Unsure, [], [], []);

    public async ValueTask<QueryAnswer> QueryAsync(ConnectionQuery query)
    {
        if (gateways.IsFenced)
        {
            return NotReady;
        }

        var links = gateways.Links;
        var limited = query with { Limit = Math.Min(query.Limit, MostOf(query.Kind) / Math.Max(1, links.Count)) };
        var replies = await Task.WhenAll(links.Select(link => link.QueryAsync(limited)));

        // Checked again: a silo that was cut off meanwhile may have missed a new gateway.
        return gateways.IsFenced ? Unsure : Answer([.. links.Zip(replies)], SilosFor(query.Kind));
    }

    private static int MostOf(ConnectionQueryKind kind) =>
        kind is ConnectionQueryKind.Users ? IGatewayQueryGrain.MaxUsers : IGatewayQueryGrain.MaxRows;

    // Not null for the queries that silos of 0.1.0 do not know: the gateway tells by it that this silo has passed on the whole responses.
    private SiloFigures[]? SilosFor(ConnectionQueryKind kind) => kind switch
    {
        ConnectionQueryKind.Status => SilosNow(),
        ConnectionQueryKind.Watch or ConnectionQueryKind.Recheck => [],
        _ => null,
    };

    private SiloFigures[] SilosNow() => [.. silos.Read().Select(static silo => new SiloFigures(silo.Name, silo.Version, silo.Status.ToString()))];

    private static QueryAnswer Answer((IGatewayLink Link, ConnectionResponse? Response)[] all, SiloFigures[]? silos)
    {
        var answered = Array.FindAll(all, static pair => pair.Response is not null);
        return new QueryAnswer(
            QueryOutcome.Answered,
            [.. answered.Select(static pair => pair.Link.Name)],
            [.. answered.Select(static pair => pair.Response!)],
            [.. all.Where(static pair => pair.Response is null).Select(static pair => pair.Link.Name)],
            silos);
    }
}
