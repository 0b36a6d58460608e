using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Presence;

/// <summary>Answers a backend who is connected to the whole cluster.</summary>
internal sealed class UsersEndpoint(
    PresenceQueries queries,
    UserInfos infos,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<UsersEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    private static readonly Problem NoDirectory = Problem.BadRequest(
        "'info' is 1, but this node has no user directory to take names from: it needs the session database.");

    protected override bool TakesPost => false;

    protected override void Answered(int status, TimeSpan duration) => metrics.QueryAnswered("users", status, duration);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        if (UsersQuery.TryParse(context.Request.QueryString.Value ?? "", out var query) is { } wrong)
        {
            await BackendAnswer.WriteAsync(context, wrong);
        }
        else if (query!.WithInfo && !infos.IsKnown)
        {
            await BackendAnswer.WriteAsync(context, NoDirectory);
        }
        else
        {
            await (query.IsCount ? AnswerCountAsync(context, query, arrivedAt) : AnswerPageAsync(context, query, arrivedAt));
        }
    }

    private async Task AnswerPageAsync(HttpContext context, UsersQuery query, long arrivedAt)
    {
        var clusterQuery = new ClusterQuery(ClusterQueryKind.Rows, query.Target) { After = query.After, Limit = query.Limit };
        var answer = await queries.QueryAsync(clusterQuery, arrivedAt);
        if (answer.Status is not QueryStatus.Answered)
        {
            await BackendAnswer.WriteAsync(context, queries.NotAnswered("Ask again."));
            return;
        }

        var page = UserPage.Merge([.. answer.Responses.Select(static named => named.Response)], query.Limit);
        IReadOnlyDictionary<long, UserInfo>? known = null;
        if (query.WithInfo)
        {
            known = await infos.FindAsync([.. page.Rows.Select(static row => row.Key.User).Distinct()]);
            if (known is null)
            {
                await BackendAnswer.WriteAsync(context, Problem.NotAnswered(
                    $"The user directory gave no answer within {infos.Timeout.TotalSeconds:0.#} s. Ask again, or without info=1."));
                return;
            }
        }

        await UsersAnswer.WriteAsync(context, page, known, answer.Missing);
    }

    private async Task AnswerCountAsync(HttpContext context, UsersQuery query, long arrivedAt)
    {
        var count = new UserCount();
        ClusterAnswer answer;
        do
        {
            var clusterQuery = new ClusterQuery(ClusterQueryKind.Users, query.Target) { After = count.Next, Limit = UserCount.PageSize };
            answer = await queries.QueryAsync(clusterQuery, arrivedAt);
            if (answer.Status is QueryStatus.Answered)
            {
                count.Add(answer);
            }
        }
        while (answer.Status is QueryStatus.Answered && count.Next is not null);

        // The answer contains what was counted until the time was up.
        await (count.HasStarted
            ? UsersAnswer.WriteAsync(context, count, isWhole: answer.Status is QueryStatus.Answered)
            : BackendAnswer.WriteAsync(context, queries.NotAnswered("Ask again.")));
    }
}
