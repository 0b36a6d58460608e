using System.Text;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Gateway.Sessions;
using Direct.Lookups;
using Direct.Sessions.Tests.Databases;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Sessions.Tests.Lookups;

/// <summary>Represents a running session store, composed as in a gateway.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly NodeGate _gate = new();
    private readonly SessionDatabase _database;
    private readonly LookupMetrics _metrics;
    private readonly MySqlSessionStore _store;
    private readonly Task _running;

    public TestStore(SessionTables tables, TimeSpan cacheFor = default, ExpireUnit expireUnit = default)
        : this(tables.ConnectionString, cacheFor, expireUnit: expireUnit)
    {
    }

    public TestStore(string connectionString, TimeSpan cacheFor = default, TimeSpan? timeout = null, ExpireUnit expireUnit = default)
    {
        var options = Options.Create(new MySqlSessionOptions { ConnectionString = connectionString, CacheFor = cacheFor, ExpireUnit = expireUnit });
        var sessions = Options.Create(new SessionOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5) });
        _database = new SessionDatabase(options, sessions, new TestLogger<SessionDatabase>());
        _metrics = new LookupMetrics(Meters, DirectSessions.Area);
        Circuit = new SessionCircuit(_database, _gate, _metrics, TimeProvider.System, new TestLogger<SessionCircuit>());
        _store = new MySqlSessionStore(
            _database,
            Circuit,
            _metrics,
            options,
            sessions,
            TimeProvider.System,
            new TestLogger<MySqlSessionStore>());
        _running = _store.RunAsync(_stop.Token);
    }

    public TestMeters Meters { get; } = new();

    public SessionCircuit Circuit { get; }

    /// <summary>Gets the degraded reason that <c>/readyz</c> reports.</summary>
    public string? DegradedReason => _gate.DegradedReason;

    public Task<Session> FindAsync(string token) => FindAsync(Encoding.UTF8.GetBytes(token));

    public Task<Session> FindAsync(byte[] token) =>
        Deadline.RunAsync("a session", async cancellationToken => await _store.FindAsync(token, cancellationToken));

    public Task<IReadOnlyList<Session>> FindAllAsync(params string[] tokens) => Deadline.RunAsync("sessions", cancellationToken =>
        _store.FindAllAsync([.. tokens.Select(token => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(token))], cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Deadline.RunAsync(
            "the store ends", async token => await _running.WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
        await _database.DisposeAsync();
        _stop.Dispose();
        Meters.Dispose();
    }
}
