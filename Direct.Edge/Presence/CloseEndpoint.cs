using System.Globalization;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Closes the connections that a backend names, in the whole cluster.</summary>
internal sealed partial class CloseEndpoint(
    PresenceQueries queries,
    IOptions<SignalOptions> options,
    SignalAccess access,
    NodeGate gate,
    QueueBudget queues,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<CloseEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    private readonly ILogger _logger = logger;

    protected override bool TakesPost => true;

    protected override void Answered(int status, TimeSpan duration) => metrics.QueryAnswered("close", status, duration);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        var (form, problem) = await RequestForm.ReadAsync(context, options.Value, queues);
        CloseQuery? query = null;
        problem ??= CloseQuery.TryParse(context.Request.QueryString.Value ?? "", out query, form);
        if (problem is not null)
        {
            await BackendAnswer.WriteAsync(context, problem);
            return;
        }

        await DrainScheduler.YieldToThreadPoolAsync(); // the last part of the form may have arrived on a loop thread
        var clusterQuery = new ClusterQuery(ClusterQueryKind.Close, query!.Target) { CloseCode = query.Code, CloseText = query.Reason };
        var answer = await queries.QueryAsync(clusterQuery, arrivedAt);
        var closed = answer.Responses.Sum(static named => (long)named.Response.Connections);
        var gateways = answer.Responses.Count(static named => named.Response.Connections > 0);
        if (closed > 0)
        {
            Log.Closed(_logger, closed, gateways, query.Target, query.Code);
        }

        await (Refusal(answer, closed) is { } refusal
            ? BackendAnswer.WriteAsync(context, refusal)
            : BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("closed"u8, closed);
                writer.WriteNumber("gateways"u8, gateways);
                writer.WriteEndObject();
            }));
    }

    private Problem? Refusal(ClusterAnswer answer, long closed) => answer switch
    {
        { Status: QueryStatus.NotReady } => queries.NotAnswered("Nothing was closed."),
        { Status: QueryStatus.Lost } =>
            Problem.NotAnswered("The gateways' answers were lost on their way: how many connections were closed is not known. Repeat it: it is harmless."),
        { Missing.Count: > 0 } => Problem.NotAnswered(string.Create(
            CultureInfo.InvariantCulture,
            $"No answer from {string.Join(", ", answer.Missing)}; {closed} connections of the other gateways are being closed. Repeat it: it is harmless.")),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.ClosedByBackend,
            LogLevel.Information,
            "A backend closed {Connections} connections on {Gateways} gateways: target {Target}, code {Code}")]
        public static partial void Closed(ILogger logger, long connections, int gateways, Target target, ushort code);
    }
}
