using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Direct.Telemetry;

/// <summary>Keeps the text of the last collection, which only <see cref="Collect"/> makes: never the SDK by itself.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    /// <summary>Set by the reader this exporter is given to; null before and after.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Of the last collection.</summary>
    public byte[] Text { get; private set; } = [];

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var metrics = new List<Metric>();
        foreach (var metric in batch)
        {
            metrics.Add(metric);
        }

        Text = PrometheusText.Write(metrics);
        return ExportResult.Success;
    }
}
