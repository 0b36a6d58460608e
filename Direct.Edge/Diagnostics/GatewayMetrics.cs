using System.Diagnostics.Metrics;
using Direct.Edge.Protocol;
using Direct.Memory;
using Direct.Telemetry;

namespace Direct.Edge.Diagnostics;

/// <summary>Holds the instruments of a gateway. Callers report what happened; docs/reference/metrics.md lists the instruments.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "Direct.Gateway";

    // From connections that end at once to connections that stay for days.
    private static readonly InstrumentAdvice<double> ConnectionBuckets = new()
    {
        HistogramBucketBoundaries = [1, 10, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600],
    };

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _tcpActive;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _connectionDuration;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _malformedJoins;
    private readonly Counter<long> _signals;
    private readonly Histogram<double> _signalDuration;
    private readonly Counter<long> _signalsRefused;
    private readonly Counter<long> _queries;
    private readonly Histogram<double> _queryDuration;
    private readonly Counter<long> _sessionLookups;
    private readonly Histogram<double> _sessionLookupDuration;
    private readonly Counter<long> _sessionRechecks;
    private readonly Counter<long> _rightLookups;
    private readonly Histogram<double> _rightLookupDuration;
    private readonly Counter<long> _rightRechecks;
    private readonly Counter<long> _textsRefused;
    private readonly Counter<long> _resumes;
    private readonly Counter<long> _gaps;
    private long _deliveries;
    private long _signalCalls;

    public GatewayMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create(MeterName);
        _tcpActive = _meter.CreateUpDownCounter<long>("direct.gateway.tcp.active", "{connection}", "TCP connections open now, of every kind.");
        _active = _meter.CreateUpDownCounter<long>("direct.gateway.connections.active", "{connection}", "WebSockets open now.");
        _opened = _meter.CreateCounter<long>("direct.gateway.connections.opened", "{connection}", "WebSockets admitted.");
        _closed = _meter.CreateCounter<long>("direct.gateway.connections.closed", "{connection}", "WebSockets ended, by reason.");
        _refused = _meter.CreateCounter<long>("direct.gateway.connections.refused", "{connection}", "WebSockets refused, by limit.");
        _connectionDuration = _meter.CreateHistogram("direct.gateway.connection.duration", "s", "How long WebSockets were open.", tags: null, ConnectionBuckets);
        _messages = _meter.CreateCounter<long>("direct.gateway.messages.received", "{message}", "Messages from clients: tokens, joins and broadcasts.");
        _malformedJoins = _meter.CreateCounter<long>(
            "direct.gateway.joins.malformed", "{join}", "Joins of which a field is not a number and counts as 0.");
        _meter.CreateObservableCounter("direct.gateway.deliveries", () => Deliveries, "{delivery}", "Messages queued for a connection.");
        _signals = _meter.CreateCounter<long>("direct.gateway.signals", "{signal}", "Signals from backends, by HTTP status.");
        _signalDuration = _meter.CreateHistogram("direct.gateway.signal.duration", "s", "From a signal's arrival to its answer.", tags: null, DurationBuckets.Advice);
        _signalsRefused = _meter.CreateCounter<long>(
            "direct.gateway.signals.refused", "{attempt}", "Calls refused because of who calls, by reason.");
        _queries = _meter.CreateCounter<long>("direct.gateway.queries", "{query}", "Queries of backends about connections, and closings, by HTTP status.");
        _queryDuration = _meter.CreateHistogram("direct.gateway.query.duration", "s", "From a query's arrival to its answer.", tags: null, DurationBuckets.Advice);
        _sessionLookups = _meter.CreateCounter<long>(
            "direct.gateway.sessions.lookups", "{lookup}", "Tokens looked up at login, by what the session store knew.");
        _sessionLookupDuration = _meter.CreateHistogram(
            "direct.gateway.sessions.lookup.duration", "s", "How long a login waited for the session store.", tags: null, DurationBuckets.Advice);
        _sessionRechecks = _meter.CreateCounter<long>(
            "direct.gateway.sessions.rechecks", "{connection}", "Open connections whose session was looked up again, by result.");
        _rightLookups = _meter.CreateCounter<long>("direct.gateway.rights.lookups", "{lookup}", "Rights that were not in the cache, by outcome.");
        _rightLookupDuration = _meter.CreateHistogram(
            "direct.gateway.rights.lookup.duration", "s", "How long a join or a broadcast waited for its right.", tags: null, DurationBuckets.Advice);
        _rightRechecks = _meter.CreateCounter<long>(
            "direct.gateway.rights.rechecks", "{membership}", "Memberships in rooms whose right was looked up again, by result.");
        _textsRefused = _meter.CreateCounter<long>(
            "direct.gateway.rights.texts.refused", "{message}", "Broadcasts of clients that were not published, by reason.");
        _resumes = _meter.CreateCounter<long>("direct.gateway.resumes", "{topic}", "Topics that clients resumed without a gap, by source.");
        _gaps = _meter.CreateCounter<long>("direct.gateway.gaps", "{topic}", "Topics in which clients were told that messages may be missing, by cause.");
    }

    /// <summary>Messages taken for connections since the start.</summary>
    public long Deliveries => Interlocked.Read(ref _deliveries);

    /// <summary>Calls of backends to signal since the start, with any answer.</summary>
    public long Signals => Interlocked.Read(ref _signalCalls);

    /// <summary>
    /// Adds zero to every instrument that has only one series. The series then exists from the start, so that a reader can tell zero from unknown.
    /// </summary>
    public void Begin()
    {
        _tcpActive.Add(0);
        _active.Add(0);
        _opened.Add(0);
        _messages.Add(0);
        _malformedJoins.Add(0);
    }

    public void TcpOpened() => _tcpActive.Add(1);

    public void TcpClosed() => _tcpActive.Add(-1);

    public void ConnectionOpened()
    {
        _opened.Add(1);
        _active.Add(1);
    }

    public void ConnectionClosed(CloseReason reason, TimeSpan duration)
    {
        _active.Add(-1);
        _closed.Add(1, new KeyValuePair<string, object?>("reason", reason.Label));
        _connectionDuration.Record(duration.TotalSeconds);
    }

    public void ConnectionRefused(CloseReason limit) => _refused.Add(1, new KeyValuePair<string, object?>("limit", limit.Label));

    public void MessageReceived() => _messages.Add(1);

    public void JoinMalformed() => _malformedJoins.Add(1);

    public void Delivered(long deliveries) => Interlocked.Add(ref _deliveries, deliveries);

    public void SignalAnswered(int status, TimeSpan duration)
    {
        Interlocked.Increment(ref _signalCalls);
        _signals.Add(1, new KeyValuePair<string, object?>("status", status));
        _signalDuration.Record(duration.TotalSeconds);
    }

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    public void SignalRefused(string reason) => _signalsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <param name="kind">One of the values in docs/reference/metrics.md.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <param name="duration">The time from the arrival of the query to its answer.</param>
    public void QueryAnswered(string kind, int status, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("kind", kind);
        _queries.Add(1, tag, new KeyValuePair<string, object?>("status", status));
        _queryDuration.Record(duration.TotalSeconds, tag);
    }

    /// <summary>A live view has ended or was refused. Its duration is the caller's choice and is not measured.</summary>
    /// <param name="status">The HTTP status of the answer.</param>
    public void WatchAnswered(int status) =>
        _queries.Add(1, new KeyValuePair<string, object?>("kind", "watch"), new KeyValuePair<string, object?>("status", status));

    /// <param name="outcome">One of the values in docs/reference/metrics.md.</param>
    /// <param name="duration">The time that the store took.</param>
    public void SessionLookedUp(string outcome, TimeSpan duration)
    {
        _sessionLookups.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _sessionLookupDuration.Record(duration.TotalSeconds);
    }

    public void SessionsRechecked(string outcome, int connections) =>
        _sessionRechecks.Add(connections, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="outcome">One of the values in docs/reference/metrics.md.</param>
    /// <param name="duration">The time that the caller waited.</param>
    public void RightLookedUp(string outcome, TimeSpan duration)
    {
        _rightLookups.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _rightLookupDuration.Record(duration.TotalSeconds);
    }

    /// <param name="outcome">One of the values in docs/reference/metrics.md.</param>
    /// <param name="memberships">Their number.</param>
    public void RightsRechecked(string outcome, int memberships) =>
        _rightRechecks.Add(memberships, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="reason">One of the values in docs/reference/metrics.md.</param>
    public void TextRefused(string reason) => _textsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <param name="source">One of the values in docs/reference/metrics.md.</param>
    public void Resumed(string source) => _resumes.Add(1, new KeyValuePair<string, object?>("source", source));

    /// <param name="cause">One of the values in docs/reference/metrics.md.</param>
    /// <param name="topics">Their number.</param>
    public void Gap(string cause, int topics = 1) => _gaps.Add(topics, new KeyValuePair<string, object?>("cause", cause));

    /// <summary>Observes what is kept for clients that come back, each time the metrics are read.</summary>
    public void ObserveKept(Func<long> topics, Func<long> bytes)
    {
        _meter.CreateObservableGauge("direct.gateway.kept.topics", topics, "{topic}", "Topics whose messages are kept for clients that come back.");
        _meter.CreateObservableGauge("direct.gateway.kept.bytes", bytes, "By", "Bytes that are kept for clients that come back.");
    }

    /// <summary>Observes the queues and what was shed, each time the metrics are read.</summary>
    public void ObserveMemory(QueueBudget queues)
    {
        _meter.CreateObservableGauge(
            "direct.gateway.memory.queued",
            () => queues.Accounts.Select(static account => new Measurement<long>(account.Bytes, new KeyValuePair<string, object?>("kind", account.Name))),
            "By",
            "What waits in the queues of the process, by kind.");
        _meter.CreateObservableGauge("direct.gateway.memory.budget", () => queues.Bytes, "By", "Bytes that may wait before signals are refused.");
        _meter.CreateObservableGauge(
            "direct.gateway.memory.pressure",
            () => queues.Pressure switch { MemoryPressure.None => 0, MemoryPressure.Exhausted => 2, _ => 1 },
            "1",
            "0 while there is room, 1 while slow readers are closed, 2 while signals are refused too.");
        _meter.CreateObservableCounter(
            "direct.gateway.memory.shed",
            () => (Measurement<long>[])
            [
                new(queues.ClosedReaders, new KeyValuePair<string, object?>("what", "slow_reader")),
                new(queues.RefusedSignals, new KeyValuePair<string, object?>("what", "signal")),
            ],
            "{event}",
            "Connections closed as slow and signals refused because memory was short.");
    }

    public void Dispose() => _meter.Dispose();
}
