using System.Diagnostics.Metrics;
using Direct.Telemetry;

namespace Direct.Lookups;

/// <summary>
/// Holds the instruments of one kind of look-up. Callers report what happened; docs/reference/metrics.md lists the instruments.
/// </summary>
internal sealed class LookupMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _activeQueries;
    private readonly Histogram<double> _queryDuration;
    private readonly Counter<long> _cacheHits;
    private readonly Counter<long> _joined;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meterFactory">Creates the meter.</param>
    /// <param name="area">What is looked up, as a part of the names: <c>sessions</c> or <c>rights</c>.</param>
    public LookupMetrics(IMeterFactory meterFactory, string area)
    {
        _meter = meterFactory.Create("Direct.Gateway");
        _activeQueries = _meter.CreateUpDownCounter<long>($"direct.gateway.{area}.queries.active", "{query}", $"Queries for {area} under way.");
        _queryDuration = _meter.CreateHistogram(
            $"direct.gateway.{area}.query.duration", "s", $"How long queries for {area} took, by whether they were answered.", tags: null, DurationBuckets.Advice);
        _cacheHits = _meter.CreateCounter<long>($"direct.gateway.{area}.cache.hits", "{lookup}", $"Look-ups of {area} that the cache answered.");
        _joined = _meter.CreateCounter<long>($"direct.gateway.{area}.joined", "{lookup}", $"Look-ups of {area} that joined one under way.");
    }

    public void QueryStarted() => _activeQueries.Add(1);

    public void QueryEnded(bool isAnswered, TimeSpan duration)
    {
        _activeQueries.Add(-1);
        _queryDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", isAnswered ? "answered" : "failed"));
    }

    public void CacheHit() => _cacheHits.Add(1);

    public void Joined() => _joined.Add(1);

    public void Dispose() => _meter.Dispose();
}
