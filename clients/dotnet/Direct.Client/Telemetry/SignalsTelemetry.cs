using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Direct.Client;

/// <summary>Records calls as metrics of the meter <c>Direct.Client</c> and as spans of the activity source of the same name.</summary>
internal sealed class SignalsTelemetry
{
    // The default buckets are made for milliseconds.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    };

    private static readonly ActivitySource Spans = new(Name);

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _tries;

    public SignalsTelemetry(IMeterFactory? meters)
    {
        var meter = meters?.Create(Name) ?? new Meter(Name);
        _duration = meter.CreateHistogram<double>("direct.client.call.duration", "s", "How long calls of gateways took, with all tries and waits.", tags: null, Seconds);
        _tries = meter.CreateCounter<long>("direct.client.call.tries", "{try}", "Requests that calls of gateways sent.");
    }

    public const string Name = "Direct.Client";

    public CallRecording Start(string operation, TimeProvider time) => new(this, operation, time, Spans.StartActivity($"direct {operation}", ActivityKind.Client));

    public void RecordTry(string operation, int? status) => _tries.Add(1, Tags(operation, status));

    public void RecordCall(string operation, int? status, TimeSpan duration) => _duration.Record(duration.TotalSeconds, Tags(operation, status));

    private static TagList Tags(string operation, int? status) => new() { { "operation", operation }, { "status", StatusTag(status) } };

    private static string StatusTag(int? status) => status?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
