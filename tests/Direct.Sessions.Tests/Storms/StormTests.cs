using System.Globalization;
using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Gateways;
using Direct.Testing.Databases;
using Direct.Testing.WebSockets;

namespace Direct.Sessions.Tests.Storms;

/// <summary>Tests many logins at once, and their cost for the database.</summary>
public sealed class StormTests(ITestOutputHelper output) : IAsyncLifetime
{
    // 16 look-ups, the recheck, the health check, and the test itself.
    private const int MostConnections = 16 + 2 + 1;

    private MariaDb? _server;
    private SessionTables? _tables;

    private SessionTables Tables => _tables!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        _server = await MariaDb.StartAsync();
        _tables = await SessionTables.CreateAsync(_server, "sessions", new Columns());
        await _tables.InTableAsync(
            "INSERT INTO session SELECT MD5(seq), seq, UNIX_TIMESTAMP() + 3600 FROM seq_1_to_10000; ANALYZE TABLE session");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    // Represents clients that reconnect to another gateway with their tokens after theirs has failed.
    [Fact]
    public async Task ThousandsOfClientsAtOnce_AreLetInAndTheDatabaseHardlyNotices()
    {
        const int Clients = 2000;
        await using var gateway = await ProductionGateway.StartAsync(
            Tables.ConnectionString, "Direct:Limits:MaxConnectionsPerAddress=0", "Direct:Limits:AcceptsPerSecond=0");
        var before = await StatusAsync("Com_select");
        var clients = new ProtocolClient[Clients];
        try
        {
            await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
                clients[i] = await ProtocolClient.ConnectAsync(gateway.Process.Port, timeout: TimeSpan.FromSeconds(60)));
            await Task.WhenAll(clients.Select((client, i) => client.SendTextAsync(Md5(i + 1))));
            await Task.WhenAll(clients.Select(client => client.SyncAsync(TimeSpan.FromSeconds(60))));
        }
        finally
        {
            await Task.WhenAll(clients.Where(client => client is not null).Select(client => client.DisposeAsync().AsTask()));
        }

        var (queries, connections) = (await StatusAsync("Com_select") - before, await StatusAsync("Max_used_connections"));
        output.WriteLine($"{Clients} clients: {queries} queries on at most {connections} connections");
        Assert.InRange(queries, Clients / 100, Clients / 2);
        Assert.InRange(connections, 1, MostConnections);
    }

    private static string Md5(int number) =>
#pragma warning disable CA5351 // MD5 only gives the token a name here.
        Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.ASCII.GetBytes($"{number}")));
#pragma warning restore CA5351

    private async Task<long> StatusAsync(string name) => Convert.ToInt64(
        await Tables.ReadAsync($"SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '{name}'"),
        CultureInfo.InvariantCulture);
}
