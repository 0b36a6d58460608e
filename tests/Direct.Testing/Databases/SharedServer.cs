using Xunit;

namespace Direct.Testing.Databases;

/// <summary>Starts one MariaDB for all tests that do it no harm; each takes a database of its own in it. Without MariaDB they are skipped.</summary>
/// <param name="start">Starts it.</param>
/// <param name="user">The user whom connection strings name.</param>
public abstract class SharedServer(Func<Task<MariaDb>> start, string user) : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    protected string User => user;

    /// <summary>Gets the server; skips the test where there is no MariaDB.</summary>
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

    /// <summary>Returns a name that no other database of this server has.</summary>
    protected string NewName(string prefix) => $"{prefix}_{Interlocked.Increment(ref _databases)}";
}
