using System.Diagnostics;
using System.Globalization;
using Direct.Sessions.Tests.Rights;
using Direct.Testing.Databases;
using Direct.Testing.Metrics;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Sessions.Tests.Storms;

/// <summary>
/// Represents two gateways whose clients all join many rooms at one moment, as after a page with many rooms has been opened everywhere. Each right is
/// another one: no two joins are of the same user in the same room. The database is a server of its own, whose counters are those of the storm.
/// </summary>
internal sealed class JoinStorm : IAsyncDisposable
{
    public const int Rooms = 10;
    public const int Gateways = 2;

    private const long Group = 7;

    private readonly MariaDb _server;
    private readonly PlatformTables _tables;
    private readonly List<NodeProcess> _gateways = [];
    private readonly List<ProtocolClient> _clients = [];

    private JoinStorm(MariaDb server, PlatformTables tables) => (_server, _tables) = (server, tables);

    /// <summary>Starts the gateways, connects the clients, and lets them join other rooms once.</summary>
    /// <param name="clients">The number of clients of each gateway. Every one is a member of the group.</param>
    /// <param name="mode">The value of <c>Direct:Rights:Mode</c>.</param>
    public static async Task<JoinStorm> StartAsync(int clients, string mode)
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var server = await MariaDb.StartAsync();
        var storm = new JoinStorm(server, await PlatformTables.CreateAsync(server, "platform"));
        try
        {
            await storm._tables.AddAsync(new PlatformData
            {
                Channels = [.. Enumerable.Range(1, 2 * Rooms).Select(room => new PlatformChannel(room, Group) { ReadRoles = "1, 5", WriteRoles = "5" })],
                Members = [.. Enumerable.Range(1, clients).Select(user => new PlatformMember(Group, user, "3, 5"))],
            });
            for (var i = 0; i < Gateways; i++)
            {
                storm._gateways.Add(await storm.StartGatewayAsync(mode));
                storm._clients.AddRange(await ConnectAsync(storm._gateways[i], clients));
            }

            await storm.JoinAsync(firstRoom: Rooms + 1); // the code of the gateways is compiled, and their connections are open
            return storm;
        }
        catch
        {
            await storm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets all clients join all rooms, and returns how long it took until the last client was in its last room.</summary>
    public Task<TimeSpan> RunAsync() => JoinAsync(firstRoom: 1);

    /// <summary>Returns how many connections of all gateways are in a room.</summary>
    public async Task<int> MembersAsync(int room)
    {
        var receipts = await Task.WhenAll(_gateways.Select(gateway => gateway.SignalAsync(string.Create(CultureInfo.InvariantCulture, $"{Group},{room},0"), "hello")));
        return receipts.Sum(receipt => receipt.Delivered ?? 0);
    }

    /// <summary>Returns how many commands for rights the gateways have sent to the database.</summary>
    public async Task<long> CommandsAsync()
    {
        var metrics = await Task.WhenAll(_gateways.Select(gateway => Exposition.ReadAsync(gateway.Http, new Uri("/metrics", UriKind.Relative))));
        return (long)metrics.Sum(exposition => exposition.Sum("direct_gateway_rights_query_duration_seconds_count") ?? 0);
    }

    /// <summary>Returns the largest number of connections to the database at one moment; that of the test is one of them.</summary>
    public async Task<long> ConnectionsAsync() => Convert.ToInt64(
        await _tables.Sessions.ReadAsync("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Max_used_connections'"),
        CultureInfo.InvariantCulture);

    /// <summary>Returns the processor time that the gateways, and the database, have used up to now.</summary>
    public (TimeSpan Gateways, TimeSpan Database) ProcessorTime()
    {
        using var database = Process.GetProcessById(_server.Pid);
        return (TimeSpan.FromTicks(_gateways.Sum(gateway => gateway.ProcessorTime.Ticks)), database.TotalProcessorTime);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        await Task.WhenAll(_gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        await _server.DisposeAsync();
    }

    private async Task<TimeSpan> JoinAsync(int firstRoom)
    {
        byte[] joins = [.. Enumerable.Range(firstRoom, Rooms).SelectMany(room => ClientFrame.Text(string.Create(CultureInfo.InvariantCulture, $"{Group},{room}")).Encode())];
        var startedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(_clients.Select(client => client.SendRawAsync(joins)));
        await Task.WhenAll(_clients.Select(client => client.SyncAsync(TimeSpan.FromSeconds(60))));
        return Stopwatch.GetElapsedTime(startedAt);
    }

    // With env=test users are 1, 2, 3 …, and nothing else asks the database.
    private Task<NodeProcess> StartGatewayAsync(string mode) => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = ["cluster=none"],
        Environment = mode == "open" ? new Dictionary<string, string>() : new Dictionary<string, string>
        {
            ["Direct__Rights__Mode"] = mode,
            ["Direct__Rights__ConnectionString"] = _tables.Sessions.ConnectionString,
            ["Direct__Rights__Query"] = RightsPage.PlatformQuery,
        },
    });

    private static async Task<IReadOnlyList<ProtocolClient>> ConnectAsync(NodeProcess gateway, int count)
    {
        var clients = new ProtocolClient[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
            clients[i] = await ProtocolClient.ConnectWithTokenAsync(gateway.Port, $"token-{i}"));
        return clients;
    }
}
