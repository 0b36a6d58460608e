using System.Text.Json;
using Direct.Compare.Servers;

namespace Direct.Compare.Loading;

/// <summary>Represents the part of the load tool's report that is used here. The names are those of its JSON.</summary>
internal sealed record LoadReport
{
    public required string Scenario { get; init; }

    public double Seconds { get; init; }

    public required ConnectionCounts Connections { get; init; }

    public long Sent { get; init; }

    public long Received { get; init; }

    public long Lost { get; init; }

    public long Duplicated { get; init; }

    public long Reordered { get; init; }

    public double MessagesPerSecond { get; init; }

    public double DeliveriesPerSecond { get; init; }

    public Latency? LatencyMs { get; init; }

    public LoaderUse? Loader { get; init; }

    public ServerUse? Server { get; init; }

    /// <summary>Reads the single JSON object in the tool's output.</summary>
    public static LoadReport Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<LoadReport>(json, JsonSerializerOptions.Web)
                ?? throw new CompareException("the load tool printed null");
        }
        catch (JsonException exception)
        {
            var start = json.Length > 200 ? json[..200] + "…" : json;
            throw new CompareException($"the load tool must print one JSON object, not '{start.Trim()}': {exception.Message}");
        }
    }

    internal sealed record ConnectionCounts(int Requested, int Succeeded, int Failed);

    internal sealed record Latency(double? P50, double? P90, double? P99, double? P999, double? Max);

    internal sealed record LoaderUse(double CpuSeconds, double CpuPercent, int Processes);

    internal sealed record ServerUse
    {
        public double? CpuSeconds { get; init; }

        public double? CpuPercent { get; init; }

        public double? CpuUsPerDelivery { get; init; }

        public double? CpuUsPerConnection { get; init; }

        public double? CpuUsPerSignal { get; init; }

        public double? RssKbBefore { get; init; }

        public double? RssKbConnected { get; init; }

        public double? RssKbEnd { get; init; }
    }
}
