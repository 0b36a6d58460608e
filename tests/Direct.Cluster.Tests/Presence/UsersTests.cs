using System.Net;
using System.Text.Json;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Presence;

/// <summary>Tests that any gateway reports the users of all gateways.</summary>
public sealed class UsersTests(SharedCluster cluster)
{
    private readonly long _group = SharedCluster.NewNumber();
    private readonly long _channel = SharedCluster.NewNumber();

    private GatewayHost[] All => [cluster.A, cluster.B, cluster.C];

    [Fact]
    public async Task Users_OnAllGateways_AreOneListOnEach()
    {
        var members = await JoinEverywhereAsync(2);

        foreach (var gateway in All)
        {
            var page = await PageAsync(gateway, $"part={_group},0,0");
            Assert.Equal(members.Select(member => $"{member.User}/{_group}/{_channel}/1").Order(), Rows(page).Order());
            Assert.Equal(Rows(page).Select(row => row.Split('/')[0]).Select(long.Parse).Order(), Rows(page).Select(row => row.Split('/')[0]).Select(long.Parse));
            Assert.True(page.GetProperty("complete").GetBoolean());
            Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
        }

        await LeaveAsync(members);
    }

    [Fact]
    public async Task Users_MoreThanAPage_AreAllThereOncePageByPageFromAnyGateway()
    {
        var members = await JoinEverywhereAsync(5);
        var rows = new List<string>();
        var pages = 0;
        string? next = "";

        while (next is not null)
        {
            var page = await PageAsync(All[pages++ % 3], $"part={_group},{_channel},0&limit=4{next}");
            Assert.InRange(page.GetProperty("users").GetArrayLength(), 1, 4);
            rows.AddRange(Rows(page));
            next = page.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }

        Assert.InRange(pages, 4, 15);
        Assert.Equal(members.Select(member => member.User).Order().Select(user => $"{user}/{_group}/{_channel}/1"), rows);
        await LeaveAsync(members);
    }

    [Fact]
    public async Task Explain_MembersOnTwoGateways_NamesThoseAndSendsNothing()
    {
        await using var a = await cluster.A.JoinAsync(_group, _channel);
        await using var b = await cluster.C.JoinAsync(_group, _channel);
        await Task.WhenAll(a.SyncAsync(), b.SyncAsync());

        var (status, body) = await cluster.B.GetAsync($"/!direct-signal?part={_group},{_channel},0&message=hello&explain=1");

        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal($"room/{_group}/{_channel}", json.RootElement.GetProperty("topic").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("connections").GetInt32());
        Assert.Equal(["a 1", "c 1"], json.RootElement.GetProperty("gateways").EnumerateArray().Select(each => $"{each.GetProperty("name")} {each.GetProperty("connections")}").Order());
        Assert.Equal((2, 2), await cluster.B.DeliverAsync($"{_group},{_channel},0", "end"));
        Assert.Empty(await a.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Close_MembersOnAllGateways_ClosesThemAllWithTheReasonAndSaysHowMany()
    {
        var members = await JoinEverywhereAsync(2);
        await using var other = await cluster.A.JoinAsync(_group, SharedCluster.NewNumber());

        var answer = await cluster.B.GetAsync($"/!direct-close?part={_group},{_channel},0&code=4999&reason=no+more");

        Assert.Equal((HttpStatusCode.OK, """{"closed":6,"gateways":3}"""), answer);
        foreach (var (client, _) in members)
        {
            Assert.Equal(new CloseStatus(4999, "no more"), await client.ReceiveCloseAsync());
        }

        Assert.Equal((HttpStatusCode.OK, """{"closed":0,"gateways":0}"""), await cluster.A.GetAsync($"/!direct-close?part={_group},{_channel},0"));
        Assert.Equal((1, 1), await cluster.B.DeliverAsync($"{_group},0,0", "still here"));
        await LeaveAsync(members);
    }

    private static string[] Rows(JsonElement page) =>
    [
        .. page.GetProperty("users").EnumerateArray()
            .Select(row => $"{row.GetProperty("user")}/{row.GetProperty("group")}/{row.GetProperty("channel")}/{row.GetProperty("connections")}"),
    ];

    private static async Task<JsonElement> PageAsync(GatewayHost gateway, string query)
    {
        var (status, body) = await gateway.GetAsync($"/!direct-users?{query}");
        Assert.True(status == HttpStatusCode.OK, $"{query} through gateway {gateway.Name}: {status} {body}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.Clone();
    }

    private static Task LeaveAsync(IEnumerable<(ProtocolClient Client, long User)> members) =>
        Task.WhenAll(members.Select(member => member.Client.DisposeAsync().AsTask()));

    private async Task<List<(ProtocolClient Client, long User)>> JoinEverywhereAsync(int each)
    {
        var members = new List<(ProtocolClient Client, long User)>();
        foreach (var gateway in All)
        {
            for (var i = 0; i < each; i++)
            {
                var member = await gateway.ConnectAsync();
                await member.Client.JoinAsync(_group, _channel);
                await member.Client.SyncAsync();
                members.Add(member);
            }
        }

        return members;
    }
}
