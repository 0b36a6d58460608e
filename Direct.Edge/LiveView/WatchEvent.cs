using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;

namespace Direct.Edge.LiveView;

/// <summary>One event of a live view.</summary>
/// <param name="Name">The kind of event.</param>
/// <param name="WriteData">Writes the members of its data.</param>
internal sealed record WatchEvent(string Name, Action<Utf8JsonWriter> WriteData)
{
    /// <summary>All connections that are shown.</summary>
    public static WatchEvent Snapshot(IReadOnlyCollection<WatchedRow> rows, bool hasMore) => new("snapshot", writer =>
    {
        writer.WriteStartArray("connections"u8);
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            WriteRow(writer, row);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("more"u8, hasMore);
    });

    /// <summary>A connection matches that did not before: it is new, or has joined.</summary>
    public static WatchEvent Joined(WatchedRow row) => new("joined", writer => WriteRow(writer, row));

    /// <summary>It is in another place, or its queue has changed.</summary>
    public static WatchEvent Changed(WatchedRow row) => new("changed", writer => WriteRow(writer, row));

    /// <summary>It matches no more: it has joined something else, or is closing.</summary>
    public static WatchEvent Left(WatchedRow row) => new("left", writer => WriteRow(writer, row));

    /// <summary>A matching connection has ended.</summary>
    public static WatchEvent Ended(string gateway, EndedConnection ended) => new("ended", writer =>
    {
        writer.WriteString("gateway"u8, gateway);
        writer.WriteNumber("id"u8, ended.Id);
        writer.WriteString("target"u8, ended.Place.ToString());
        writer.WriteNumber("code"u8, ended.Code);
        writer.WriteString("reason"u8, ended.Reason);
    });

    /// <summary>A message was taken into queues.</summary>
    public static WatchEvent Message(string gateway, DeliveredMessage message) => new("message", writer =>
    {
        writer.WriteString("gateway"u8, gateway);
        writer.WriteString("target"u8, message.Target.ToString());
        writer.WriteNumber("bytes"u8, message.Bytes);
        writer.WriteString("hash"u8, message.Hash);
        writer.WriteNumber("delivered"u8, message.Connections);
    });

    /// <summary>Other gateways than before do not answer.</summary>
    /// <param name="missing">Those that do not, or null if the cluster cannot tell which gateways live.</param>
    public static WatchEvent Gateways(IReadOnlyCollection<string>? missing) => new("gateways", writer =>
    {
        writer.WriteBoolean("known"u8, missing is not null);
        BackendAnswer.WriteNames(writer, "missing"u8, missing ?? []);
    });

    /// <summary>So many events of this second are not shown.</summary>
    public static WatchEvent Skipped(int events) => new("skipped", writer => writer.WriteNumber("events"u8, events));

    /// <summary>The live view ends.</summary>
    public static WatchEvent End(string reason) => new("end", writer => writer.WriteString("reason"u8, reason));

    private static void WriteRow(Utf8JsonWriter writer, WatchedRow row)
    {
        writer.WriteString("gateway"u8, row.Gateway);
        writer.WriteNumber("id"u8, row.Id);
        writer.WriteString("target"u8, row.Place.ToString());
        writer.WriteNumber("openSeconds"u8, Math.Round(row.Age.TotalSeconds, 1));
        writer.WriteNumber("queuedBytes"u8, row.QueuedBytes);
    }
}
