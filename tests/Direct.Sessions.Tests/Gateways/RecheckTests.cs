using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;
using Direct.Testing.Time;

namespace Direct.Sessions.Tests.Gateways;

/// <summary>Tests open connections whose session ends.</summary>
public sealed class RecheckTests(SharedDatabase database)
{
    private const string Often = "Direct:Sessions:RecheckInterval=00:00:00.2";

    [Fact]
    public async Task OpenConnections_SessionsThatEndAndUsersThatAreBlocked_AreClosedAndTheRestStay()
    {
        var tables = await database.NewAsync();
        foreach (var (token, user) in new[] { ("deleted", 1), ("expired", 2), ("blocked", 3), ("moved", 4), ("stays", 5) })
        {
            await tables.AddSessionAsync(token, $"{user}");
            await tables.AddUserAsync(user, "0");
        }

        await using var gateway = await ProductionGateway.StartAsync(tables.ConnectionString, Often);
        await using var deleted = await gateway.EnterAsync("deleted");
        await using var expired = await gateway.EnterAsync("expired");
        await using var blocked = await gateway.EnterAsync("blocked");
        await using var moved = await gateway.EnterAsync("moved");
        await using var stays = await gateway.EnterAsync("stays");
        await using var anonymous = await gateway.EnterAsync("nobody's");

        await tables.InTableAsync(
            """
            DELETE FROM session WHERE token = 'deleted';
            UPDATE session SET expire = UNIX_TIMESTAMP() - 1 WHERE token = 'expired';
            UPDATE user SET blocked = 1 WHERE id = 3;
            UPDATE session SET user_id = 6 WHERE token = 'moved'
            """);

        var ended = (4009, "session expired, connect again");
        Assert.Equal(ended, Pair(await deleted.ReceiveCloseAsync()));
        Assert.Equal(ended, Pair(await expired.ReceiveCloseAsync()));
        Assert.Equal((4501, "user blocked"), Pair(await blocked.ReceiveCloseAsync()));
        Assert.Equal(ended, Pair(await moved.ReceiveCloseAsync()));
        await stays.SyncAsync();
        await anonymous.SyncAsync();
    }

    [Fact]
    public async Task OpenConnection_DatabaseDownMeanwhile_StaysAndIsClosedOnceItIsBack()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var server = await MariaDb.StartAsync();
        var tables = await SessionTables.CreateAsync(server, "sessions", new Columns());
        await tables.AddSessionAsync("token", "1");
        await using var gateway = await ProductionGateway.StartAsync(tables.ConnectionString, Often);
        await using var client = await gateway.EnterAsync("token");

        await server.StopAsync();
        await Deadline.UntilAsync("the gateway notices", async () => await gateway.ReadyAsync() == "200 degraded: sessions");
        await client.SyncAsync();

        await server.StartAgainAsync();
        await tables.InTableAsync("DELETE FROM session");
        Assert.Equal(4009, (await client.ReceiveCloseAsync()).Code);
    }

    private static (int Code, string Reason) Pair(Direct.Testing.WebSockets.CloseStatus status) => (status.Code, status.Reason);
}
