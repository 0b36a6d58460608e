using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>Answers the silos that recover lanes: what this gateway keeps, and which ballots it has promised.</summary>
internal sealed class RecoveryHandler(LanePromises promises, IKeptLanes kept)
{
    private const int LeastLaneBytes = 4 * 1024;

    /// <inheritdoc cref="IGatewayObserver.RecoverAsync" />
    public RecoverAnswer[] Recover(RecoverRequest[] requests)
    {
        var bytesLeft = RecoverRequest.MaxBytes;
        return Array.ConvertAll(requests, request =>
        {
            var answer = Recover(request, Math.Max(LeastLaneBytes, bytesLeft));
            bytesLeft -= answer.Topics.Sum(static topic => topic.Bytes);
            return answer;
        });
    }

    /// <inheritdoc cref="IGatewayObserver.ReadKeptAsync" />
    public TailPage Read(FetchRequest request) => promises.HighestOf(Lane.Of(request.Topic)) > request.Ballot ? TailPage.NotReady : kept.Read(request);

    /// <inheritdoc cref="IGatewayObserver.KeepAsync" />
    public bool Keep(KeepRequest[] requests)
    {
        var areAllKept = true;
        foreach (var request in requests)
        {
            areAllKept &= Keep(request);
        }

        return areAllKept;
    }

    private RecoverAnswer Recover(RecoverRequest request, int maxBytes)
    {
        using var entry = promises.Enter(request.Lane, request.Ballot);
        if (!entry.IsAllowed)
        {
            return new RecoverAnswer(request.Lane, entry.Promised ?? request.Ballot, IsPromised: false, [], HasMore: false);
        }

        var topics = kept.Report(request, maxBytes, out var hasMore);
        return new RecoverAnswer(request.Lane, request.Ballot, IsPromised: true, topics, hasMore);
    }

    private bool Keep(KeepRequest request)
    {
        using var entry = promises.Enter(Lane.Of(request.Topic), request.Ballot);
        return entry.IsAllowed && kept.Keep(request);
    }
}
