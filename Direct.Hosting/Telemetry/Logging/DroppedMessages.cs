using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Direct.Telemetry.Logging;

/// <summary>Counts the dropped messages of the log, and logs their number when there is room again.</summary>
internal sealed partial class DroppedMessages : IHostedService, IDisposable
{
    private readonly Meter _meter;
    private readonly QueuedConsoleProvider _console;
    private readonly ILogger _logger;

    public DroppedMessages(IMeterFactory meterFactory, QueuedConsoleProvider console, ILogger<DroppedMessages> logger)
    {
        (_console, _logger) = (console, logger);
        _meter = meterFactory.Create("Direct.Telemetry");
        _meter.CreateObservableCounter("direct.logs.dropped", () => console.Dropped, "{message}", "Messages of the log dropped because they were not read fast enough.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _console.OnGapEnded(dropped => Log.Dropped(_logger, dropped));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private static partial class Log
    {
        [LoggerMessage(TelemetryEventIds.MessagesDropped, LogLevel.Warning, "{Dropped} messages of the log were dropped here: they were not read fast enough")]
        public static partial void Dropped(ILogger logger, long dropped);
    }
}
