using System.Text.Json;
using Direct.Clients.Tests.Browser;
using Direct.Clients.Tests.Processes;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Microsoft.Playwright;
using Xunit;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Tests the client in Chromium against gateways that are killed and started again, also with several tabs that share a connection.</summary>
public sealed class ClientBrowserTests(Chromium chromium)
{
    private static readonly string[] Plain =
        ["env=production", "sessions=none", "cluster=none", "Direct:Signals:AllowedNetworks:0=127.0.0.0/8", "Direct:Drain:ReadyDelay=00:00:00"];

    private static readonly string[] WithDirect2 = [.. Plain, "Direct:Connections:Direct2=true"];

    // A browser fails a connection whose server selects no sub-protocol, and does not say why.
    [Fact]
    public async Task Client_AtADefaultGatewayThatIsUpgraded_FallsBackAndReturns()
    {
        await using var node = await NodeProcess.StartAsync(Plain);
        await using var context = await chromium.NewContextAsync();
        var tab = await ClientTab.OpenAsync(context, chromium.Origin, node.WebSocketUrl, "{ rooms: ['7,1'] }");
        await tab.WaitAsync("joined");
        Assert.Equal("original", await tab.EvaluateAsync<string>("client.state.dialect"));
        await tab.SayAsync("7,1", "in the original dialect");
        await tab.WaitForMessageAsync("in the original dialect");

        await node.TerminateAsync();
        Assert.Equal(0, await node.WaitForExitAsync());
        await using var successor = await NodeProcess.StartAsync([.. WithDirect2, $"port={node.Port}"]);

        await tab.WaitAsync("state", "event.dialect === 'direct.2'");
        await tab.WaitAsync("gap", "event.part === '7,1,0'");
        await tab.SayAsync("7,1", "in direct.2");
        await tab.WaitForMessageAsync("in direct.2");
    }

    [Fact]
    public async Task Rooms_AfterTheGatewayWasKilled_AreLiveAgainAndWhatWaitedIsSaid()
    {
        await using var node = await NodeProcess.StartAsync(WithDirect2);
        await using var context = await chromium.NewContextAsync();
        var tab = await ClientTab.OpenAsync(context, chromium.Origin, node.WebSocketUrl, "{ rooms: ['7,1', '9223372036854775807,-9007199254740993'] }");
        await tab.WaitAsync("joined", count: 2);

        node.Kill();
        await tab.WaitAsync("state", "event.state === 'waiting' && event.code === 1006");
        var said = tab.SayAsync("7,1", "said offline");
        await using var successor = await NodeProcess.StartAsync([.. WithDirect2, $"port={node.Port}"]);

        await said;
        await tab.WaitAsync("joined", count: 4);
        await tab.WaitAsync("gap", "event.part === '9223372036854775807,-9007199254740993,0'");
        await tab.WaitForMessageAsync("said offline");
        Assert.Equal(1, await tab.EvaluateAsync<int>("events.filter(event => event.text === 'said offline').length"));
    }

    [Fact]
    public async Task Wait_WhenTheBrowserComesOnline_Ends()
    {
        await using var context = await chromium.NewContextAsync();
        var port = FreePort.Take();
        var tab = await ClientTab.OpenAsync(context, chromium.Origin, $"ws://127.0.0.1:{port}/!direct", "{ backoff: { minMs: 3600000, maxMs: 3600000 }, random: () => 1 }");
        await tab.WaitAsync("state", "event.state === 'waiting'");
        await using var node = await NodeProcess.StartAsync([.. WithDirect2, $"port={port}"]);

        await context.SetOfflineAsync(true);
        await context.SetOfflineAsync(false);

        await tab.WaitAsync("state", "event.state === 'open'");
    }

    [Fact]
    public async Task Tabs_ThatShare_HaveOneConnectionAndEachItsOwnRooms()
    {
        await using var node = await NodeProcess.StartAsync(WithDirect2);
        await using var context = await chromium.NewContextAsync();
        var tabs = await OpenTabsAsync(context, node);

        Assert.Equal(1, await CountConnectionsAsync(node));
        await tabs[1].SayAsync("7,2", "for the second");
        await node.SignalAsync("7,0,0", "for all");

        foreach (var tab in tabs)
        {
            await tab.WaitForMessageAsync("for all");
        }

        var counts = await Task.WhenAll(tabs.Select(tab => tab.EvaluateAsync<int>("events.filter(event => event.text === 'for the second').length")));
        Assert.Equal([0, 1, 0], counts);
    }

    [Theory]
    [InlineData(TabEnding.Close)]
    [InlineData(TabEnding.Reload)]
    [InlineData(TabEnding.Crash)]
    public async Task Tabs_WhenTheOneWithTheConnectionEnds_KeepTheirRooms(TabEnding ending)
    {
        await using var node = await NodeProcess.StartAsync(WithDirect2);
        await using var context = await chromium.NewContextAsync();
        var tabs = await OpenTabsAsync(context, node);

        await EndAsync(context, tabs[0].Page, ending);

        foreach (var (tab, room) in new[] { (tabs[1], "7,2"), (tabs[2], "7,3") })
        {
            await tab.WaitAsync("joined", $"event.room === '{room}'", 2);
            await tab.SayAsync(room, $"still in {room}");
            await tab.WaitForMessageAsync($"still in {room}");
        }

        await Deadline.UntilAsync("one connection is left", async () => await CountConnectionsAsync(node) == 1);
        await Deadline.UntilAsync("nobody is in the room of the tab that has ended", async () => (await node.SignalAsync("7,1,0", "anybody")).Delivered == 0);
    }

    [Fact]
    public async Task Tab_ThatCrashesWithoutTheConnection_LeavesItsRooms()
    {
        await using var node = await NodeProcess.StartAsync(WithDirect2);
        await using var context = await chromium.NewContextAsync();
        var tabs = await OpenTabsAsync(context, node);

        await EndAsync(context, tabs[2].Page, TabEnding.Crash);

        await Deadline.UntilAsync("nobody is in the room of the tab that has ended", async () => (await node.SignalAsync("7,3,0", "anybody")).Delivered == 0);
        Assert.Equal(1, (await node.SignalAsync("7,2,0", "the others")).Delivered);
        await tabs[1].WaitForMessageAsync("the others");
    }

    // Each tab is in a room of its own; the first one has the connection.
    private async Task<ClientTab[]> OpenTabsAsync(IBrowserContext context, NodeProcess node)
    {
        var tabs = new ClientTab[3];
        for (var i = 0; i < tabs.Length; i++)
        {
            tabs[i] = await ClientTab.OpenAsync(context, chromium.Origin, node.WebSocketUrl, $"{{ shared: true, rooms: ['7,{i + 1}'] }}");
            await tabs[i].WaitAsync("joined");
        }

        return tabs;
    }

    private static async Task EndAsync(IBrowserContext context, IPage page, TabEnding ending)
    {
        switch (ending)
        {
            case TabEnding.Close:
                await page.CloseAsync();
                break;
            case TabEnding.Reload:
                await page.ReloadAsync();
                break;
            default:
                var crashed = new TaskCompletionSource();
                page.Crash += (_, _) => crashed.SetResult();
                var session = await context.NewCDPSessionAsync(page);
                _ = session.SendAsync("Page.crash"); // never answered
                await crashed.Task.WaitAsync(TimeSpan.FromSeconds(15));
                break;
        }
    }

    private static async Task<int> CountConnectionsAsync(NodeProcess node)
    {
        var answer = await node.Http.GetStringAsync(new Uri("/!direct-users?part=0,0,0&count=1", UriKind.Relative));
        return JsonDocument.Parse(answer).RootElement.GetProperty("connections").GetInt32();
    }
}
