using Direct.Edge.BackendApi;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Presence;

/// <summary>Answers a backend which rights a user has in a room, as the source of rights says now.</summary>
internal sealed class RightsEndpoint(
    RoomRights rights,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<RightsEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    /// <summary>The answer of a node that checks no rights.</summary>
    public static readonly Problem NotChecked = new(
        409, "Rights are not checked", "This node checks no rights, because Direct:Rights:Mode is open: everyone may join and speak everywhere.");

    private static readonly string[] Names = ["part"];

    protected override bool TakesPost => false;

    protected override void Answered(int status, TimeSpan duration) => metrics.QueryAnswered("rights", status, duration);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        var part = default(Target);
        var problem = QueryParameters.TryParse(context.Request.QueryString.Value ?? "", Names, out var parameters)
            ?? PartParameter.TryParse(parameters.Text("part"), out part)
            ?? NameARoomAndAUser(part)
            ?? (rights.IsOpen ? NotChecked : null);
        if (problem is not null)
        {
            await BackendAnswer.WriteAsync(context, problem);
            return;
        }

        var answer = (await rights.FindFreshAsync([new RightsKey(part.User, part.Group, part.Channel)], context.RequestAborted))[0];
        await (answer.IsKnown
            ? BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("mask"u8, answer.Mask);
                writer.WriteBoolean("read"u8, answer.CanRead);
                writer.WriteBoolean("write"u8, answer.CanWrite);
                writer.WriteEndObject();
            })
            : BackendAnswer.WriteAsync(context, Problem.NotAnswered("The source of rights did not answer. Ask again.")));
    }

    private static Problem? NameARoomAndAUser(Target part) => part switch
    {
        { User: 0 } => Problem.BadRequest($"'part' is '{part}': expected a user that is not 0, because rights are those of one user."),
        { Group: 0, Channel: 0 } => Problem.BadRequest($"'part' is '{part}': expected a group or a channel that is not 0, because everyone may be in 0,0."),
        _ => null,
    };
}
