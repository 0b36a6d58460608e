using System.Diagnostics;
using Direct.Testing.Http;

namespace Direct.Hosting.Tests.Telemetry;

/// <summary>
/// Tests that exactly the telemetry that the environment asks for is exported. The end of a program flushes the rest, so no test waits for an
/// interval.
/// </summary>
public sealed class OtlpExportTests : IAsyncDisposable
{
    private const string Http = "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf";
    private const string Metrics = "/v1/metrics";
    private const string Traces = "/v1/traces";

    private readonly OtlpCollector _collector = new();

    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    [Fact]
    public async Task Endpoint_ForAll_TakesMetricsAndTraces()
    {
        var prefix = await RunAsync(Http, $"OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Uri}");

        Assert.True(_collector.HasReceived(Metrics, $"{prefix}.count"));
        Assert.True(_collector.HasReceived(Traces, $"{prefix}.span"));
        Assert.True(_collector.HasReceived(Metrics, "direct-test") && _collector.HasReceived(Traces, "direct-test"));
    }

    [Fact]
    public async Task Endpoint_ForMetricsAlone_TakesThemAtItsVeryPathAndNoTraces()
    {
        var prefix = await RunAsync($"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT={_collector.Uri}my/metrics", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf");

        Assert.True(_collector.HasReceived("/my/metrics", $"{prefix}.count"));
        Assert.All(_collector.Paths, path => Assert.Equal("/my/metrics", path));
    }

    [Fact]
    public async Task Endpoint_ForTracesAlone_TakesThemAtItsVeryPathAndNoMetrics()
    {
        var prefix = await RunAsync($"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={_collector.Uri}my/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf");

        Assert.True(_collector.HasReceived("/my/traces", $"{prefix}.span"));
        Assert.All(_collector.Paths, path => Assert.Equal("/my/traces", path));
    }

    [Theory]
    [InlineData("OTEL_METRICS_EXPORTER=none", Metrics)]
    [InlineData("OTEL_TRACES_EXPORTER=none", Traces)]
    [InlineData("OTEL_TRACES_SAMPLER=always_off", Traces)]
    public async Task Setting_AgainstOneSignal_KeepsItAlone(string setting, string path)
    {
        await RunAsync(Http, $"OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Uri}", setting);

        Assert.Equal([path == Metrics ? Traces : Metrics], _collector.Paths.Distinct());
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED=true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317")]
    public async Task Setting_ThatAsksForNothing_ExportsNothing(string setting)
    {
        await RunAsync(Http, $"OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Uri}", setting);

        Assert.Empty(_collector.Paths);
    }

    [Fact]
    public async Task Resource_OfTheEnvironment_Counts()
    {
        await RunAsync(Http, $"OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Uri}", "OTEL_SERVICE_NAME=my-gateways", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=blue");

        foreach (var path in (string[])[Metrics, Traces])
        {
            Assert.True(_collector.HasReceived(path, "my-gateways") && _collector.HasReceived(path, "deployment.environment.name") && _collector.HasReceived(path, "blue"), path);
            Assert.False(_collector.HasReceived(path, "direct-test"), path);
        }
    }

    [Fact]
    public async Task End_ACollectorThatHangs_IsNotWaitedForLong()
    {
        await using var hanging = new OtlpCollector(hangs: true);
        await using var telemetry = await TestTelemetry.StartAsync(Http, $"OTEL_EXPORTER_OTLP_ENDPOINT={hanging.Uri}");
        Leave(telemetry);
        var watch = Stopwatch.StartNew();

        await telemetry.StopAsync();

        Assert.InRange(watch.Elapsed, TelemetryRun.FlushFor - TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(9.5)); // an export gives up after ten
    }

    // Runs a program with one count and one span, and ends it.
    private static async Task<string> RunAsync(params string[] settings)
    {
        await using var telemetry = await TestTelemetry.StartAsync(settings);
        Leave(telemetry);
        await telemetry.StopAsync();
        return telemetry.Prefix;
    }

    private static void Leave(TestTelemetry telemetry)
    {
        telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.count").Add(1);
        using var source = new ActivitySource("Direct");
        using var activity = source.StartActivity($"{telemetry.Prefix}.span");
    }
}
