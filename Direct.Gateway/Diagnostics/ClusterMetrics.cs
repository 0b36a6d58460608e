using System.Diagnostics.Metrics;
using Direct.Telemetry;

namespace Direct.Gateway.Diagnostics;

/// <summary>The instruments of a gateway's cluster half. Callers say what happened or let themselves be asked; docs/reference/metrics.md has the table.</summary>
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
        _repeats = _meter.CreateCounter<long>("direct.gateway.lanes.repeats", "{batch}", "Batches sent once more, because a silo did not answer or has lost them.");
        _abandoned = _meter.CreateCounter<long>("direct.gateway.lanes.abandoned", "{signal}", "Signals and broadcasts given up, by what they were waiting for.");
        _canaryDuration = _meter.CreateHistogram(
            "direct.gateway.canary.duration", "s", "How long canaries took through a silo and back.", tags: null, DurationBuckets.Advice);
        _canaryFailures = _meter.CreateCounter<long>("direct.gateway.canary.failures", "{canary}", "Canaries that did not arrive in time, by what is known of them.");
    }

    /// <summary>Says zero for whatever has one series only.</summary>
    public void Begin()
    {
        _fences.Add(0);
        _repeats.Add(0);
    }

    public void Fenced() => _fences.Add(1);

    public void Repeated() => _repeats.Add(1);

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    /// <param name="signals">How many.</param>
    public void Abandoned(string reason, int signals) => _abandoned.Add(signals, new KeyValuePair<string, object?>("reason", reason));

    public void CanaryArrived(TimeSpan latency) => _canaryDuration.Record(latency.TotalSeconds);

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    public void CanaryFailed(string reason) => _canaryFailures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>The lease, whenever somebody reads.</summary>
    public void ObserveLease(Func<bool> isHeld) => _meter.CreateObservableGauge(
        "direct.gateway.cluster.connected", () => isHeld() ? 1 : 0, "1", "1 while the gateway holds a lease of its cluster, else 0.");

    /// <summary>What waits, whenever somebody reads.</summary>
    public void ObserveLanes(Func<int> active, Func<long> bytes, Func<long> setAside)
    {
        _meter.CreateObservableGauge("direct.gateway.lanes.active", active, "{lane}", "Lanes with something unsent or unacknowledged.");
        _meter.CreateObservableGauge("direct.gateway.lanes.bytes", bytes, "By", "What is unsent or unacknowledged in lanes, and slows their publishers down.");
        _meter.CreateObservableGauge("direct.gateway.lanes.set_aside", setAside, "By", "What only hung gateways have not acknowledged, and slows nobody down.");
    }

    public void Dispose() => _meter.Dispose();
}
