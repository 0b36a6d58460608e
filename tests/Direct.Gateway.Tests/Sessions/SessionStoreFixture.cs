using System.Text;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Gateway.Sessions;
using Direct.Gateway.Tests.Fakes;
using Direct.Lookups;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Sessions;

/// <summary>Provides a session store with a fake database whose responses the test sets and times.</summary>
internal sealed class SessionStoreFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LookupMetrics _metrics;
    private readonly Lazy<MySqlSessionStore> _store;
    private Task _running = Task.CompletedTask;

    public SessionStoreFixture()
    {
        _metrics = new LookupMetrics(Meters, DirectSessions.Area);
        Circuit = new SessionCircuit(Database, Gate, _metrics, Time, NullLogger<SessionCircuit>.Instance);
        _store = new Lazy<MySqlSessionStore>(
            () => new MySqlSessionStore(Database, Circuit, _metrics, Options.Create(Settings), Options.Create(Sessions), Time, Logger));
    }

    public ManualTimeProvider Time { get; } = new();

    public FakeSessionDatabase Database { get; } = new();

    public RecordingLogger<MySqlSessionStore> Logger { get; } = new();

    public TestMeters Meters { get; } = new();

    public NodeGate Gate { get; } = new();

    public MySqlSessionOptions Settings { get; } = new() { MaxQueries = 2, CacheFor = TimeSpan.Zero };

    public SessionOptions Sessions { get; } = new();

    public SessionCircuit Circuit { get; }

    /// <summary>Gets the store, which reads <see cref="Settings"/> at the first use.</summary>
    public MySqlSessionStore Store => _store.Value;

    /// <summary>Starts the store, and waits until it has checked its database.</summary>
    public async Task StartAsync()
    {
        _running = Store.RunAsync(_stop.Token);
        await Deadline.UntilAsync("the first check", () => Database.Checks > 0);
    }

    /// <summary>Looks up the session of a login.</summary>
    public Task<Session> FindAsync(string token) => Store.FindAsync(Encoding.UTF8.GetBytes(token), CancellationToken.None).AsTask();

    /// <summary>Looks up sessions for a recheck.</summary>
    public async Task<IReadOnlyList<Session>> FindAllAsync(params string[] tokens) =>
        await Store.FindAllAsync([.. tokens.Select(token => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(token))], CancellationToken.None);

    public static Task<T> SoonAsync<T>(Task<T> task, string what) => Deadline.RunAsync(what, async token => await task.WaitAsync(token));

    public async ValueTask DisposeAsync()
    {
        Database.Gate?.TrySetResult();
        await _stop.CancelAsync();
        await Deadline.RunAsync(
            "the store ends", async token => await _running.WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
        _stop.Dispose();
        Meters.Dispose();
    }
}
