using Direct.Edge.Identity;
using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Lookups;
using Direct.Testing.Time;
using MySqlConnector;

namespace Direct.Sessions.Tests.Failures;

public sealed class SilentHostTests(SharedDatabase database)
{
    // Every connection of the pool is dead without an error. If each were detected separately, each would cost a timeout, and logins a minute.
    [Fact]
    public async Task Database_ThatMovesWithoutAWord_IsUsedAgainAfterOneTimeLimit()
    {
        var tables = await database.NewAsync();
        await tables.InTableAsync("INSERT INTO session SELECT CONCAT('token ', seq), seq, UNIX_TIMESTAMP() + 3600 FROM seq_1_to_5000");
        var settings = new MySqlConnectionStringBuilder(tables.ConnectionString);
        await using var proxy = new SilentProxy((int)settings.Port);
        settings.Port = (uint)proxy.Port;
        await using var store = new TestStore(settings.ConnectionString, timeout: TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(1, 5000).Select(i => store.FindAsync($"token {i}")));
        Assert.InRange(proxy.Connections, 10, 18);

        proxy.Silence();

        await Deadline.UntilAsync(
            "tokens are known again",
            async () => await store.FindAsync("token 1") == new Session(SessionStatus.Known, 1),
            TimeSpan.FromSeconds(6));
    }
}
