using System.Diagnostics.Metrics;

namespace Direct.Telemetry;

/// <summary>Keeps histograms of times comparable: all of them have the same buckets.</summary>
internal static class DurationBuckets
{
    /// <summary>Gets the bounds, in seconds, for operations that take milliseconds and are given up after some seconds.</summary>
    public static InstrumentAdvice<double> Advice { get; } = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
    };
}
