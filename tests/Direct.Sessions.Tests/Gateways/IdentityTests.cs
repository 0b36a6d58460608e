using Direct.Sessions.Tests.Databases;
using Direct.Testing.WebSockets;

namespace Direct.Sessions.Tests.Gateways;

/// <summary>Tests the identity of connections, from the first frame of the browser to the database and back.</summary>
public sealed class IdentityTests(SharedDatabase database)
{
    private const long Anonymous = -144953630; // the anonymous id of 127.0.0.1

    [Fact]
    public async Task Token_OfEachKind_IsTheUserThatTheTablesName()
    {
        var tables = await TablesAsync();
        await using var gateway = await ProductionGateway.StartAsync(tables.ConnectionString);

        Assert.Equal(42, await gateway.UserOfAsync("known"));
        Assert.Equal(42, await gateway.UserOfAsync(ClientFrame.Binary("known"u8.ToArray())));
        Assert.Equal(9007199254740993, await gateway.UserOfAsync("Grüße' OR 1=1 -- "));
        Assert.Equal(43, await gateway.UserOfAsync(new string('x', 512)));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("unknown"));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("KNOWN"));
        Assert.Equal(Anonymous, await gateway.UserOfAsync(""));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("expired"));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("of NULL"));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("of 0"));
        Assert.Equal(Anonymous, await gateway.UserOfAsync("' OR 1=1 -- "));
        Assert.Equal(Anonymous, await gateway.UserOfAsync(ClientFrame.Binary(0x6B, 0xFF, 0xFE)));

        var refusal = await gateway.RefusedAsync("blocked");
        Assert.Equal((4501, "user blocked"), (refusal.Code, refusal.Reason));
        Assert.Equal("200 ready", await gateway.ReadyAsync());
        Assert.DoesNotMatch("known|expired|OR 1=1", string.Join('\n', gateway.Process.Output)); // tokens are never logged
    }

    [Fact]
    public async Task BlockedUser_WhereThatIsAllowed_IsLetInAndStays()
    {
        var tables = await TablesAsync();
        await using var gateway = await ProductionGateway.StartAsync(
            tables.ConnectionString, "Direct:Sessions:AllowBlocked=true", "Direct:Sessions:RecheckInterval=00:00:00.1");

        Assert.Equal(44, await gateway.UserOfAsync("blocked"));
        await using var blocked = await gateway.EnterAsync("blocked");
        await using var witness = await gateway.EnterAsync("known");
        await tables.InTableAsync("DELETE FROM session WHERE token = 'known'");
        await witness.ReceiveCloseAsync(); // both sessions have been looked up again by now
        await blocked.SyncAsync();
    }

    // A user with the original's tables starts only the gateway.
    [Fact]
    public async Task Mode_NamedMySqlOrNone_IsObeyed()
    {
        var tables = await TablesAsync();
        await using var named = await ProductionGateway.StartAsync(tables.ConnectionString, "sessions=mysql");
        await using var none = await ProductionGateway.StartAsync(tables.ConnectionString, "sessions=none");

        Assert.Equal((42, Anonymous), (await named.UserOfAsync("known"), await none.UserOfAsync("known")));
    }

    private async Task<SessionTables> TablesAsync()
    {
        var tables = await database.NewAsync(new Columns { UserId = "BIGINT" });
        await tables.AddSessionAsync("known", "42");
        await tables.AddSessionAsync("Grüße' OR 1=1 -- ", "9007199254740993");
        await tables.AddSessionAsync(new string('x', 512), "43");
        await tables.AddSessionAsync("expired", "42", secondsLeft: -1);
        await tables.AddSessionAsync("of NULL", "NULL");
        await tables.AddSessionAsync("of 0", "0");
        await tables.AddSessionAsync("blocked", "44");
        await tables.AddUserAsync(43, "0");
        await tables.AddUserAsync(44, "1");
        return tables;
    }
}
