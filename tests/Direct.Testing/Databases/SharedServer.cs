using Xunit;

namespace Direct.Testing.Databases;

/// <summary>
/// Provides one MariaDB server for all tests that do not stop or reconfigure it; each test uses a separate database. The tests are skipped without
/// MariaDB.
/// </summary>
/// <param name="start">Starts the server.</param>
/// <param name="user">The user in the connection strings.</param>
public abstract class SharedServer(Func<Task<MariaDb>> start, string user) : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    protected string User => user;

    /// <summary>Gets the server; skips the test when MariaDB is not installed.</summary>
    protected MariaDb Server
    {
        get
        {
            Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
            return _server!;
        }
    }

    public async ValueTask InitializeAsync() => _server = MariaDb.WhyMissing is null ? await start() : null;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Returns a database name that is unique on this server.</summary>
    protected string NewName(string prefix) => $"{prefix}_{Interlocked.Increment(ref _databases)}";
}
