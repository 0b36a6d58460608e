using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Presence;

/// <summary>Tells an operator how every gateway and silo of the cluster is.</summary>
internal sealed class ClusterEndpoint(
    PresenceQueries queries,
    IBackplane backplane,
    IPresenceHandler presenceHandler,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<ClusterEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    // A topic that is not among the largest of one gateway may be among those of all.
    private const int TopicsOfAGateway = 4;

    protected override bool TakesPost => false;

    protected override void Answered(int status, TimeSpan duration) => metrics.QueryAnswered("cluster", status, duration);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        if (ClusterRequest.TryParse(context.Request.QueryString.Value ?? "", out var topics) is { } wrong)
        {
            await BackendAnswer.WriteAsync(context, wrong);
            return;
        }

        var query = new ClusterQuery(ClusterQueryKind.Status, default) { Limit = topics * TopicsOfAGateway };
        var answer = await queries.QueryAsync(query, arrivedAt);
        await (answer.Status is QueryStatus.Answered
            ? ClusterStatusAnswer.WriteAsync(context, ClusterStatus.Of(answer, backplane.Name, () => presenceHandler.Answer(query)), topics)
            : BackendAnswer.WriteAsync(context, queries.NotAnswered("Ask again.")));
    }
}
