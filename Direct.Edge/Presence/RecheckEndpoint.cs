using Direct.Edge.BackendApi;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Looks up the rights of memberships again in the whole cluster, after a backend has changed them.</summary>
internal sealed partial class RecheckEndpoint(
    RecheckQueries queries,
    PresenceQueries presence,
    RoomRights rights,
    IOptions<SignalOptions> options,
    SignalAccess access,
    NodeGate gate,
    QueueBudget queues,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<RecheckEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    private static readonly string[] Names = ["part"];

    private readonly ILogger _logger = logger;

    protected override bool TakesPost => true;

    protected override void Answered(int status, TimeSpan duration) => metrics.QueryAnswered("recheck", status, duration);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        var (form, problem) = await RequestForm.ReadAsync(context, options.Value, queues);
        var part = default(Target);
        problem ??= QueryParameters.TryParse(context.Request.QueryString.Value ?? "", Names, out var parameters, form)
            ?? PartParameter.TryParse(parameters.Text("part"), out part)
            ?? (rights.IsOpen ? RightsEndpoint.NotChecked : null);
        if (problem is not null)
        {
            await BackendAnswer.WriteAsync(context, problem);
            return;
        }

        await DrainScheduler.YieldToThreadPoolAsync(); // the last part of the form may have arrived on a loop thread
        var outcome = new RecheckOutcome(await queries.RunAsync(part, arrivedAt, context.RequestAborted));
        if (outcome.Removed > 0)
        {
            Log.Removed(_logger, outcome.Removed, outcome.Checked, part);
        }

        await (outcome.Refusal(presence) is { } refusal
            ? BackendAnswer.WriteAsync(context, refusal)
            : BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("checked"u8, outcome.Checked);
                writer.WriteNumber("removed"u8, outcome.Removed);
                writer.WriteNumber("gateways"u8, outcome.Gateways);
                writer.WriteEndObject();
            }));
    }

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.RemovedByRecheck,
            LogLevel.Information,
            "A backend asked for a recheck of rights, which removed {Removed} of {Checked} memberships: target {Part}")]
        public static partial void Removed(ILogger logger, long removed, long @checked, Target part);
    }
}
