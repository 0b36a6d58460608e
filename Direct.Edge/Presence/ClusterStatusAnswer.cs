using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Presence;

/// <summary>Writes how the cluster is.</summary>
internal static class ClusterStatusAnswer
{
    /// <param name="context">The request.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="topics">How many topics are wanted.</param>
    public static Task WriteAsync(HttpContext context, ClusterStatus cluster, int topics) =>
        BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("answeredBy"u8, cluster.AnsweredBy);
            WriteArray(writer, "gateways"u8, cluster.Gateways, WriteGateway);
            WriteArray(writer, "silos"u8, cluster.Silos, static (writer, silo) =>
            {
                writer.WriteString("name"u8, silo.Name);
                writer.WriteString("version"u8, silo.Version);
                writer.WriteString("status"u8, silo.Status);
            });
            WriteArray(writer, "topics"u8, cluster.Largest(topics), static (writer, topic) =>
            {
                writer.WriteString("target"u8, topic.Target.ToString());
                writer.WriteNumber("connections"u8, topic.Connections);
            });
            writer.WriteBoolean("complete"u8, cluster.Missing.Count == 0);
            BackendAnswer.WriteNames(writer, "missing"u8, cluster.Missing);
            writer.WriteEndObject();
        });

    private static void WriteGateway(Utf8JsonWriter writer, NamedResponse named)
    {
        var status = named.Response.Status!;
        writer.WriteString("name"u8, named.Gateway);
        writer.WriteString("version"u8, status.Version);
        writer.WriteString("state"u8, StateName(status.State));
        WriteNumber(writer, "leaseSeconds"u8, status.LeaseLeft?.TotalSeconds, 1);
        writer.WriteNumber("connections"u8, named.Response.Connections);
        writer.WriteNumber("deliveries"u8, status.Deliveries);
        writer.WriteNumber("signals"u8, status.Signals);
        writer.WriteNumber("queuedBytes"u8, status.QueuedBytes);
        WriteNumber(writer, "upSeconds"u8, status.Uptime.TotalSeconds, 1);
        WriteArray(writer, "canaries"u8, status.Canaries, static (writer, canary) =>
        {
            writer.WriteString("silo"u8, canary.Silo);
            WriteNumber(writer, "latencyMs"u8, canary.Latency?.TotalMilliseconds, 3);
            WriteNumber(writer, "agoSeconds"u8, canary.Ago.TotalSeconds, 1);
            writer.WriteBoolean("ok"u8, canary.IsOk);
        });
    }

    private static void WriteArray<T>(Utf8JsonWriter writer, ReadOnlySpan<byte> property, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(property);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> property, double? number, int decimals)
    {
        if (number is { } known)
        {
            writer.WriteNumber(property, Math.Round(known, decimals));
        }
        else
        {
            writer.WriteNull(property);
        }
    }

    private static string StateName(GatewayState state) => state switch
    {
        GatewayState.Serving => "serving",
        GatewayState.Degraded => "degraded",
        GatewayState.Draining => "draining",
        _ => "unresponsive",
    };
}
