using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Direct.Telemetry;

/// <summary>
/// Listens to the instruments from before anything else starts until everything else has stopped, and to spans if they are exported.
/// </summary>
/// <remarks>
/// It must start first: an up-down counter would otherwise miss its first changes. Without OTLP there is no thread here, and instruments
/// only keep their sums.
/// </remarks>
internal sealed partial class TelemetryRun(
    OtlpSettings settings, MetricsPage page, string serviceName, ILogger<TelemetryRun> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>Specifies the longest time for which the end of the process waits for a collector.</summary>
    public static readonly TimeSpan FlushFor = TimeSpan.FromSeconds(3);

    private const string TraceSource = "Direct";

    // The number of series of one instrument for which memory is reserved. Direct's tags have closed sets of values; further series are counted
    // together.
    private const int MaxSeries = 256;

    private static readonly MetricStreamConfiguration Stream = new() { CardinalityLimit = MaxSeries };

    private static readonly string[] Meters =
        ["Direct.*", "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "MySqlConnector"];

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var error in settings.Errors)
        {
            Log.SettingIgnored(logger, error);
        }

        if (settings.IsDisabled)
        {
            return Task.CompletedTask;
        }

        _metrics = BuildMetrics();
        page.Open(_metrics);
        _traces = settings.ExportsTraces ? BuildTraces() : null;
        if (settings.ExportsMetrics || settings.ExportsTraces)
        {
            Log.Exports(logger, (settings.ExportsMetrics, settings.ExportsTraces) switch
            {
                (true, true) => "metrics and traces",
                (true, _) => "metrics",
                _ => "traces",
            });
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Exports the rest when nothing more can be measured. It waits only a short time for a collector that does not answer.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var (metrics, traces) = (Interlocked.Exchange(ref _metrics, null), Interlocked.Exchange(ref _traces, null));
        if (metrics is null)
        {
            return;
        }

        page.Close();

        // On their own threads, which a call that hangs may block without delaying the end of the process.
        var ending = Task.WhenAll(RunAsync(metrics.Dispose), RunAsync(() => traces?.Dispose()));
        await Task.WhenAny(ending, Task.Delay(FlushFor, CancellationToken.None));
        if (!ending.IsCompleted)
        {
            Log.FlushTimedOut(logger, FlushFor);
        }
    }

    public void Dispose()
    {
        // Not null only if the host failed to start.
        _metrics?.Dispose();
        _traces?.Dispose();
    }

    private static Task RunAsync(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private MeterProvider BuildMetrics()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.ForMetrics))
            .ConfigureResource(Describe)
            .AddMeter(Meters)
            .AddView(static _ => Stream);
        MetricsPage.AddReader(builder);
        return (settings.ExportsMetrics
            ? builder.AddOtlpExporter(options => SetEndpoint(options, settings.MetricsEndpoint))
            : builder).Build();
    }

    private TracerProvider BuildTraces() => Sdk.CreateTracerProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(settings.ForTraces))
        .ConfigureResource(Describe)
        .AddSource(TraceSource)
        .AddOtlpExporter(options => SetEndpoint(options, settings.TracesEndpoint))
        .Build();

    // An endpoint of its own is used as it is. Setting the common endpoint again would keep the SDK from appending the path to it.
    private static void SetEndpoint(OtlpExporterOptions options, Uri? endpoint)
    {
        if (endpoint is not null)
        {
            options.Endpoint = endpoint;
        }
    }

    // The environment comes last and has precedence.
    private void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService(serviceName, serviceVersion: typeof(TelemetryRun).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static partial class Log
    {
        [LoggerMessage(TelemetryEventIds.Exports, LogLevel.Information, "{What} are exported over OTLP")]
        public static partial void Exports(ILogger logger, string what);

        [LoggerMessage(TelemetryEventIds.SettingIgnored, LogLevel.Warning, "{Error}. It changes nothing")]
        public static partial void SettingIgnored(ILogger logger, string error);

        [LoggerMessage(TelemetryEventIds.FlushTimedOut, LogLevel.Warning, "The collector has not taken the last metrics and traces within {FlushFor}; they are lost")]
        public static partial void FlushTimedOut(ILogger logger, TimeSpan flushFor);
    }
}
