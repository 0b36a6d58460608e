using System.Diagnostics.Metrics;

namespace Direct.Grains;

/// <summary>Holds the instruments of a silo. Callers report what happened or are observed; docs/reference/metrics.md lists the instruments.</summary>
internal sealed class GrainMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _lanes;
    private readonly UpDownCounter<long> _topics;
    private readonly UpDownCounter<long> _subscriptions;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _signals;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _refusedSubscriptions;
    private readonly Counter<long> _failedDeliveries;
    private readonly Counter<long> _expired;
    private readonly UpDownCounter<long> _keptTopics;
    private readonly UpDownCounter<long> _keptBytes;
    private readonly Counter<long> _superseded;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _recoveredEntries;
    private readonly Counter<long> _holders;
    private long _topicCount;

    public GrainMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create("Direct.Silo");
        _lanes = _meter.CreateUpDownCounter<long>("direct.silo.lanes.active", "{lane}", "Lanes whose grain is here now.");
        _topics = _meter.CreateUpDownCounter<long>("direct.silo.topics", "{topic}", "Topics of these lanes.");
        _subscriptions = _meter.CreateUpDownCounter<long>("direct.silo.subscriptions", "{subscription}", "Gateways that want one of these topics, each topic counted.");
        _batches = _meter.CreateCounter<long>("direct.silo.batches", "{batch}", "Accepted batches, including repeats.");
        _signals = _meter.CreateCounter<long>("direct.silo.signals", "{signal}", "Signals and broadcasts in them.");
        _refused = _meter.CreateCounter<long>("direct.silo.batches.refused", "{batch}", "Batches that were not accepted here and are sent again, by reason.");
        _refusedSubscriptions = _meter.CreateCounter<long>("direct.silo.subscriptions.refused", "{subscription}", "Subscriptions of topics unknown here that were refused because memory is short, and are tried again.");
        _failedDeliveries = _meter.CreateCounter<long>("direct.silo.deliveries.failed", "{call}", "Calls to gateways that were not answered, and are repeated.");
        _expired = _meter.CreateCounter<long>("direct.silo.gateways.expired", "{gateway}", "Gateways that did not renew their lease, seen by the registry.");
        _keptTopics = _meter.CreateUpDownCounter<long>("direct.silo.kept.topics", "{topic}", "Topics whose messages are kept here for clients that come back.");
        _keptBytes = _meter.CreateUpDownCounter<long>("direct.silo.kept.bytes", "By", "Bytes that are kept for them.");
        _superseded = _meter.CreateCounter<long>("direct.silo.batches.superseded", "{batch}", "Accepted batches that a gateway refused because a later activation leads the lane; they are sent again.");
        _recoveries = _meter.CreateCounter<long>("direct.silo.recoveries", "{recovery}", "Lanes that have read from gateways what these keep, by result.");
        _recoveredEntries = _meter.CreateCounter<long>("direct.silo.recovered.entries", "{entry}", "Entries recovered from gateways.");
        _holders = _meter.CreateCounter<long>("direct.silo.holders.asked", "{topic}", "Topics that gateways were asked to keep without a connection, because no other gateway keeps them.");
    }

    /// <summary>Gets the number of topics that are remembered now.</summary>
    public long TopicCount => Interlocked.Read(ref _topicCount);

    /// <summary>Adds zero to every instrument that has only one series, so that the series exists from the start.</summary>
    public void Begin()
    {
        _lanes.Add(0);
        _topics.Add(0);
        _subscriptions.Add(0);
        _batches.Add(0);
        _signals.Add(0);
        _refusedSubscriptions.Add(0);
        _failedDeliveries.Add(0);
        _expired.Add(0);
        _keptTopics.Add(0);
        _keptBytes.Add(0);
        _superseded.Add(0);
        _recoveredEntries.Add(0);
        _holders.Add(0);
    }

    public void LaneActivated() => _lanes.Add(1);

    public void LaneDeactivated() => _lanes.Add(-1);

    /// <summary>Adds to the number of topics. A negative number removes some.</summary>
    public void Topics(int change)
    {
        Interlocked.Add(ref _topicCount, change);
        _topics.Add(change);
    }

    /// <summary>Adds to the number of subscriptions. A negative number removes some.</summary>
    public void Subscriptions(int change) => _subscriptions.Add(change);

    public void Accepted(int signals)
    {
        _batches.Add(1);
        _signals.Add(signals);
    }

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Counts a topic that was not subscribed because there is no memory for it.</summary>
    public void SubscriptionRefused() => _refusedSubscriptions.Add(1);

    public void DeliveryFailed() => _failedDeliveries.Add(1);

    public void GatewayExpired() => _expired.Add(1);

    /// <summary>Adds to the number of kept topics. A negative number removes some.</summary>
    public void KeptTopics(int change) => _keptTopics.Add(change);

    /// <summary>Adds to the bytes that are kept. A negative number removes some.</summary>
    public void KeptBytes(long change) => _keptBytes.Add(change);

    public void BatchSuperseded() => _superseded.Add(1);

    /// <param name="result">One of the values in docs/reference/metrics.md.</param>
    public void Recovered(string result) => _recoveries.Add(1, new KeyValuePair<string, object?>("result", result));

    public void RecoveredEntries(int entries) => _recoveredEntries.Add(entries);

    /// <summary>Counts topics that a gateway was asked to keep without a connection.</summary>
    public void HoldersAsked(int topics) => _holders.Add(topics);

    /// <summary>Observes the number of kept topics that no gateway keeps, each time the metrics are read.</summary>
    public void ObserveHolders(Func<int> unkept) => _meter.CreateObservableGauge(
        "direct.silo.kept.alone", unkept, "{topic}", "Kept topics that no gateway keeps now: if this silo is killed, their clients are told of a gap.");

    /// <summary>Observes what this silo knows of the gateways, each time the metrics are read.</summary>
    public void ObserveGateways(Func<int> live, Func<bool> isFenced)
    {
        _meter.CreateObservableGauge("direct.silo.gateways", live, "{gateway}", "Live gateways, as this silo knows them.");
        _meter.CreateObservableGauge("direct.silo.fenced", () => isFenced() ? 1 : 0, "1", "1 while this silo accepts nothing, because the registry does not answer it; otherwise 0.");
    }

    /// <summary>Observes the memory of this silo, each time the metrics are read.</summary>
    public void ObserveMemory(Func<long> used, long budget, Func<bool> isUnderPressure)
    {
        _meter.CreateObservableGauge("direct.silo.memory.used", used, "By", "The managed heap after the last collection.");
        _meter.CreateObservableGauge("direct.silo.memory.budget", () => budget, "By", "Size of the heap above which new topics are refused.");
        _meter.CreateObservableGauge("direct.silo.memory.pressure", () => isUnderPressure() ? 1 : 0, "1", "1 while new topics are refused because the budget is used up; otherwise 0.");
    }

    public void Dispose() => _meter.Dispose();
}
