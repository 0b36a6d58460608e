using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Members;
using Orleans.Concurrency;

namespace Direct.Grains.Queries;

/// <summary>See <see cref="IGatewayQueryGrain"/>. Reentrant, because a question that waits for a gateway that hangs must not hold up the next.</summary>
[GrainType("direct.gateway-query"), StatelessWorker, Reentrant]
internal sealed class GatewayQueryGrain(ILiveGateways gateways, SiloMembers silos) : Grain, IGatewayQueryGrain
{
    private static readonly AskAnswer NotReady = new(AskOutcome.NotReady, [], [], []);
    private static readonly AskAnswer Unsure = new(AskOutcome.Unsure, [], [], []);

    public async ValueTask<AskAnswer> QueryAsync(ConnectionQuestion question)
    {
        if (gateways.IsFenced)
        {
            return NotReady;
        }

        var links = gateways.Links;
        var limited = question with { Limit = Math.Min(question.Limit, MostOf(question.Kind) / Math.Max(1, links.Count)) };
        var replies = await Task.WhenAll(links.Select(link => link.QueryAsync(limited)));

        // Checked again here: a silo that was cut off meanwhile may have missed a gateway that came in the meantime.
        return gateways.IsFenced ? Unsure : Answer([.. links.Zip(replies)], question.Kind is ConnectionQuestionKind.Status ? SilosNow() : null);
    }

    private static int MostOf(ConnectionQuestionKind kind) =>
        kind is ConnectionQuestionKind.Users ? IGatewayQueryGrain.MaxUsers : IGatewayQueryGrain.MaxRows;

    private SiloFigures[] SilosNow() => [.. silos.Read().Select(static silo => new SiloFigures(silo.Name, silo.Version, silo.Status.ToString()))];

    private static AskAnswer Answer((IGatewayLink Link, ConnectionReply? Reply)[] all, SiloFigures[]? silos)
    {
        var answered = Array.FindAll(all, static pair => pair.Reply is not null);
        return new AskAnswer(
            AskOutcome.Answered,
            [.. answered.Select(static pair => pair.Link.Name)],
            [.. answered.Select(static pair => pair.Reply!)],
            [.. all.Where(static pair => pair.Reply is null).Select(static pair => pair.Link.Name)],
            silos);
    }
}
