using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Presence;

/// <summary>Answers who would receive a signal, without sending it.</summary>
internal sealed class ExplainAnswer(PresenceQueries queries)
{
    public async Task WriteAsync(HttpContext context, string? part, long arrivedAt)
    {
        if (PartParameter.TryParse(part, out var target) is { } wrong)
        {
            await BackendAnswer.WriteAsync(context, wrong);
            return;
        }

        var answer = await queries.QueryAsync(new ClusterQuery(ClusterQueryKind.Count, target), arrivedAt);
        if (answer.Status is not QueryStatus.Answered)
        {
            await BackendAnswer.WriteAsync(context, queries.NotAnswered("Nothing was sent."));
            return;
        }

        await BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer => Write(writer, Topic.For(target), answer));
    }

    private static void Write(Utf8JsonWriter writer, Topic topic, ClusterAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteString("topic"u8, topic.ToString());
        writer.WriteNumber("connections"u8, answer.Responses.Sum(static named => (long)named.Response.Connections));
        writer.WriteStartArray("gateways"u8);
        foreach (var (gateway, reply) in answer.Responses.Where(static named => named.Response.Connections > 0))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, gateway);
            writer.WriteNumber("connections"u8, reply.Connections);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        BackendAnswer.WriteNames(writer, "missing"u8, answer.Missing);
        writer.WriteEndObject();
    }
}
