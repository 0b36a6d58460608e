using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Gateways;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Tests whole gateways with the query and the program of docs/operate/rights.md.</summary>
public sealed class RightsGatewayTests(SharedDatabase database)
{
    private const long Group = 7;

    [Fact]
    public async Task GatewayWithTheHook_ClientsWithDifferentRights_MayDoWhatTheTableSays()
    {
        var tables = await database.NewAsync();
        await using var hook = await RightsHook.StartAsync(tables);
        await tables.InTableAsync("INSERT INTO room_right VALUES (1, 7, 1, 3), (2, 7, 1, 1), (3, 7, 2, 3)");
        await using var gateway = await StartAsync(hook, RightsHook.Secret);
        await using var writer = await ProtocolClient.ConnectWithTokenAsync(gateway.Port); // with env=test users are 1, 2, 3 …
        await using var reader = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        await using var stranger = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);

        await writer.JoinAsync(Group, 1);
        await reader.JoinAsync(Group, 1);
        await reader.BroadcastAsync("may not be said");
        await reader.SyncAsync();
        await stranger.SendTextAsync("7,1");
        await writer.BroadcastAsync("may be said");

        Assert.Equal("may be said", await reader.ReceiveTextAsync());
        Assert.Equal("may be said", await writer.ReceiveTextAsync());
        Assert.Equal(4502, (await stranger.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task GatewayWithTheHook_ThatHasAnotherSecret_LetsNobodyInAndSaysSo()
    {
        var tables = await database.NewAsync();
        await using var hook = await RightsHook.StartAsync(tables);
        await tables.InTableAsync("INSERT INTO room_right VALUES (1, 7, 1, 3)");
        await using var gateway = await StartAsync(hook, "another");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);

        await client.SendTextAsync("7,1");

        Assert.Equal(4014, (await client.ReceiveCloseAsync()).Code);
        await Deadline.UntilAsync(
            "the gateway says why",
            async () => await gateway.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative)) is var ready
                && ready.Contains("degraded: rights: answers that cannot be used, see the log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task GatewayWithThePlatformsQuery_UsersOfTheSessionDatabase_MayDoWhatTheTablesSay()
    {
        var platform = await database.NewPlatformAsync();
        await platform.AddAsync(new PlatformData
        {
            Channels =
            [
                new PlatformChannel(1, Group) { ReadRoles = "-1", WriteRoles = "5" },
                new PlatformChannel(2, Group) { ReadRoles = "0", WriteRoles = "0" },
                new PlatformChannel(3, 8) { ReadRoles = "-1", WriteRoles = "-1" },
            ],
            Members = [new PlatformMember(Group, 42, "4, 5"), new PlatformMember(Group, 43, "4")],
            Groups = [new PlatformGroup(Group, 41)],
        });
        foreach (var user in new[] { "41", "42", "43" })
        {
            await platform.Sessions.AddSessionAsync($"token-of-{user}", user);
        }

        await using var gateway = await ProductionGateway.StartAsync(
            platform.Sessions.ConnectionString, "Direct:Rights:Mode=sql", $"Direct:Rights:Query={RightsPage.PlatformQuery}");

        Assert.Equal("said", await SayAsync(gateway, "token-of-42", "7,1"));
        Assert.Equal("joined", await SayAsync(gateway, "token-of-43", "7,1"));
        Assert.Equal("joined", await SayAsync(gateway, "nobody", "7,1"));
        Assert.Equal("said", await SayAsync(gateway, "token-of-43", "7,2"));
        Assert.Equal("said", await SayAsync(gateway, "token-of-41", "7,2"));
        Assert.Equal("4502", await SayAsync(gateway, "nobody", "7,2"));
        Assert.Equal("said", await SayAsync(gateway, "token-of-43", "8,3"));
        Assert.Equal("4502", await SayAsync(gateway, "token-of-43", "7,3"));
        Assert.Equal("4502", await SayAsync(gateway, "token-of-41", "7,0"));
        Assert.Equal("4502", await SayAsync(gateway, "token-of-43", "0,3"));
    }

    private static Task<NodeProcess> StartAsync(RightsHook hook, string secret) => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = ["cluster=none", "Direct:Rights:Mode=http", $"Direct:Rights:Url={hook.Url}"],
        Environment = new Dictionary<string, string> { ["Direct__Rights__Secret"] = secret },
    });

    // Returns how far a client comes that joins a room and speaks there: said, joined, or the code with which it is closed.
    private static async Task<string> SayAsync(ProductionGateway gateway, string token, string room)
    {
        await using var client = await gateway.EnterAsync(token);
        await client.SendTextAsync(room);
        await client.BroadcastAsync("text");
        await client.SendCloseAsync(1000); // with cluster=none its echo comes after the text
        var frame = await client.ReceiveAsync();
        return frame.IsText ? "said" : frame.Status.Code == 1000 ? "joined" : $"{frame.Status.Code}";
    }
}
