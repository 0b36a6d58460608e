using System.Diagnostics.Metrics;
using Direct.Telemetry;

namespace Direct.Gateway.Diagnostics;

/// <summary>
/// Holds the instruments of a gateway's cluster part. Callers report what happened or are observed; docs/reference/metrics.md lists the instruments.
/// </summary>
internal sealed class ClusterMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _fences;
    private readonly Counter<long> _repeats;
    private readonly Counter<long> _abandoned;
    private readonly Histogram<double> _canaryDuration;
    private readonly Counter<long> _canaryFailures;

    public ClusterMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create("Direct.Gateway");
        _fences = _meter.CreateCounter<long>("direct.gateway.cluster.fences", "{fence}", "Leases lost, and with each all connections closed.");
        _repeats = _meter.CreateCounter<long>("direct.gateway.lanes.repeats", "{batch}", "Batches sent again, because a silo did not answer or has lost them.");
        _abandoned = _meter.CreateCounter<long>("direct.gateway.lanes.abandoned", "{signal}", "Signals and broadcasts given up, by what they were waiting for.");
        _canaryDuration = _meter.CreateHistogram(
            "direct.gateway.canary.duration", "s", "How long canaries took through a silo and back.", tags: null, DurationBuckets.Advice);
        _canaryFailures = _meter.CreateCounter<long>("direct.gateway.canary.failures", "{canary}", "Canaries that did not arrive in time, by what is known of them.");
    }

    /// <summary>Adds zero to every instrument that has only one series.</summary>
    public void Begin()
    {
        _fences.Add(0);
        _repeats.Add(0);
    }

    public void Fenced() => _fences.Add(1);

    public void Repeated() => _repeats.Add(1);

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    /// <param name="signals">The number of signals.</param>
    public void Abandoned(string reason, int signals) => _abandoned.Add(signals, new KeyValuePair<string, object?>("reason", reason));

    public void CanaryArrived(TimeSpan latency) => _canaryDuration.Record(latency.TotalSeconds);

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    public void CanaryFailed(string reason) => _canaryFailures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Observes whether the lease is held, each time the metrics are read.</summary>
    public void ObserveLease(Func<bool> isHeld) => _meter.CreateObservableGauge(
        "direct.gateway.cluster.connected", () => isHeld() ? 1 : 0, "1", "1 while the gateway holds a lease of its cluster, else 0.");

    /// <summary>Observes what waits in the lanes, each time the metrics are read.</summary>
    public void ObserveLanes(Func<int> active, Func<long> bytes, Func<long> unresponsiveBytes)
    {
        _meter.CreateObservableGauge("direct.gateway.lanes.active", active, "{lane}", "Lanes with unsent or unacknowledged signals.");
        _meter.CreateObservableGauge("direct.gateway.lanes.bytes", bytes, "By", "Unsent or unacknowledged bytes of lanes, which slow their publishers down.");
        _meter.CreateObservableGauge("direct.gateway.lanes.unresponsive", unresponsiveBytes, "By", "Bytes that only unresponsive gateways have not acknowledged, which slow no publisher down.");
    }

    public void Dispose() => _meter.Dispose();
}
