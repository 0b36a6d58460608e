using System.Diagnostics.Metrics;
using Direct.Telemetry;

namespace Direct.Gateway.Sessions;

/// <summary>Holds the instruments of the session database. Callers report what happened; docs/reference/metrics.md lists the instruments.</summary>
internal sealed class SessionMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _activeQueries;
    private readonly Histogram<double> _queryDuration;
    private readonly Counter<long> _cacheHits;
    private readonly Counter<long> _joined;

    public SessionMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create("Direct.Gateway");
        _activeQueries = _meter.CreateUpDownCounter<long>(
            "direct.gateway.sessions.queries.active", "{query}", "Queries to the session database under way.");
        _queryDuration = _meter.CreateHistogram(
            "direct.gateway.sessions.query.duration", "s", "How long queries to the session database took, by whether they were answered.",
            tags: null, DurationBuckets.Advice);
        _cacheHits = _meter.CreateCounter<long>("direct.gateway.sessions.cache.hits", "{lookup}", "Tokens found in the cache.");
        _joined = _meter.CreateCounter<long>("direct.gateway.sessions.joined", "{lookup}", "Tokens that were being looked up already.");
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
