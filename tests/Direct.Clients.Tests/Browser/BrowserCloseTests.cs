using System.Net.WebSockets;
using Direct.Clients.Tests.Processes;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Browser;

/// <summary>Tests that a page can read the close reason, and reconnects when the code allows that.</summary>
public sealed class BrowserCloseTests(Chromium chromium, PlainNode plain) : IClassFixture<PlainNode>
{
    [Theory]
    [InlineData("hello", 1008, "group,channel")]
    [InlineData("", 1008, ":text")]
    public async Task Close_AfterABadCommand_NamesWhatWasExpected(string command, int code, string reason)
    {
        await using var context = await chromium.NewContextAsync();
        var tab = await Tab.OpenAsync(context, chromium.Origin);
        await tab.JoinAsync(plain.Process.WebSocketUrl, "1,2");

        await tab.SendAsync(command);

        var close = Assert.Single(await tab.WaitForClosesAsync());
        Assert.Equal((code, true), (close.Code, close.WasClean));
        Assert.Contains(reason, close.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4010, "Direct:Limits:MaxConnections=1")]
    [InlineData(4011, "Direct:Limits:MaxConnectionsPerAddress=1", "Direct:Identity:TrustedProxies:0=203.0.113.0/24")]
    [InlineData(4012, "Direct:Limits:MaxUnauthenticated=1")]
    [InlineData(4013, "Direct:Limits:AcceptsPerSecond=1", "Direct:Limits:AcceptBurst=1")]
    public async Task Close_ByALimit_IsReadableInThePage(int code, params string[] limits)
    {
        await using var context = await chromium.NewContextAsync();
        await using var node = await NodeProcess.StartAsync(limits);
        using var earlier = new ClientWebSocket(); // uses the only connection that the limit allows, and sends no token
        await earlier.ConnectAsync(new Uri(node.WebSocketUrl), TestContext.Current.CancellationToken);
        var tab = await Tab.OpenAsync(context, chromium.Origin);

        await tab.ConnectManyAsync(node.WebSocketUrl, 8);

        var close = (await tab.WaitForClosesAsync())[0];
        Assert.Equal((code, true), (close.Code, close.WasClean));
        Assert.NotEmpty(close.Reason);
    }

    [Fact]
    public async Task Close_ByTheMessageRate_NamesTheLimit()
    {
        await using var context = await chromium.NewContextAsync();
        await using var node = await NodeProcess.StartAsync("Direct:Limits:MessagesPerSecond=5", "Direct:Limits:MessageBurst=5");
        var tab = await Tab.OpenAsync(context, chromium.Origin);
        await tab.JoinAsync(node.WebSocketUrl, "1,2");

        for (var i = 0; i < 10; i++)
        {
            await tab.SendAsync(":again");
        }

        var close = Assert.Single(await tab.WaitForClosesAsync());
        Assert.Equal((4007, true), (close.Code, close.WasClean));
        Assert.NotEmpty(close.Reason);
    }

    [Fact]
    public async Task Drain_ThenAFreshNode_BringsThePageBack()
    {
        await using var context = await chromium.NewContextAsync();
        await using var node = await NodeProcess.StartAsync();
        var tab = await Tab.OpenAsync(context, chromium.Origin);
        await tab.StayConnectedAsync(node.WebSocketUrl, "3,3");
        await tab.WaitForOpensAsync(1);

        await node.TerminateAsync();
        var close = (await tab.WaitForClosesAsync())[0];
        Assert.Equal(0, await node.WaitForExitAsync());
        await using var successor = await NodeProcess.StartAsync($"port={node.Port}");
        await tab.WaitForOpensAsync(2);
        await tab.SendAsync(":back");

        Assert.Equal((4001, true), (close.Code, close.WasClean));
        Assert.StartsWith("gateway draining", close.Reason, StringComparison.Ordinal);
        await tab.WaitForMessageAsync("back");
    }
}
