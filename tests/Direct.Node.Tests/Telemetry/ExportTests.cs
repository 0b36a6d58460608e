using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Telemetry;

/// <summary>Tests the telemetry that a real node exports.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task Node_WithACollector_ExportsWhileItRunsAndWhatIsLeftAtItsEnd()
    {
        await using var collector = new OtlpCollector();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Uri.ToString(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            },
        });
        await Deadline.UntilAsync("metrics of the running node", () => collector.HasReceived("/v1/metrics", "direct.gateway.connections.active"));
        Assert.True(collector.HasReceived("/v1/metrics", "direct-gateway"));

        await node.SignalAsync("1,2,3", "hello");
        await node.TerminateAsync();

        Assert.Equal(0, await node.WaitForExitAsync());
        Assert.True(collector.HasReceived("/v1/metrics", "direct.gateway.signal.duration"), string.Join(' ', collector.Paths));

        // The caller sends no trace header. The unsampled span of the web server must not prevent these spans.
        Assert.True(collector.HasReceived("/v1/traces", "signal") && collector.HasReceived("/v1/traces", "deliver"), string.Join(' ', collector.Paths));
    }

    [Fact]
    public async Task Node_WithASettingOfNoMeaning_SaysSoAndRuns()
    {
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Environment = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector" },
        });

        await node.WaitForOutputAsync("OTEL_EXPORTER_OTLP_ENDPOINT is 'collector'; it must be a URL");
    }
}
