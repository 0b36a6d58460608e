using System.Net;
using Direct.Clients.Tests.Processes;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Browser;

/// <summary>Tests a real node with Chromium, which most users have.</summary>
public sealed class BrowserTests(Chromium chromium, PlainNode plain) : IClassFixture<PlainNode>
{
    [Fact]
    public async Task Broadcast_TwoTabsInARoom_ReachesBoth()
    {
        await using var context = await chromium.NewContextAsync();
        var (first, second) = await TwoTabsAsync(context, plain.Process, "1,2");

        await first.SendAsync(":hello");

        await first.WaitForMessageAsync("hello");
        await second.WaitForMessageAsync("hello");
    }

    [Fact]
    public async Task Signal_ToTheirRoom_ReachesBothTabs()
    {
        await using var context = await chromium.NewContextAsync();
        var (first, second) = await TwoTabsAsync(context, plain.Process, "-5,9000000000");

        var receipt = await plain.Process.SignalAsync("-5,9000000000,0", "from a backend: ü 👋");

        Assert.Equal((HttpStatusCode.OK, 2, 1), (receipt.Status, receipt.Delivered, receipt.Gateways));
        await first.WaitForMessageAsync("from a backend: ü 👋");
        await second.WaitForMessageAsync("from a backend: ü 👋");
    }

    [Fact]
    public async Task Broadcast_OverTls_Arrives()
    {
        await using var context = await chromium.NewContextAsync();
        using var certificate = TestCertificate.Create();
        var address = $"127.0.0.1:{FreePort.Take()}";
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments =
            [
                $"Kestrel:Endpoints:Wss:Url=https://{address}",
                $"Kestrel:Endpoints:Wss:Certificate:Path={certificate.Path}",
                $"Kestrel:Endpoints:Wss:Certificate:Password={TestCertificate.Password}",
            ],
            ReadyUri = new Uri($"https://{address}/readyz"),
        });
        // Opens a page at the node's own TLS address first. If both had agreed on HTTP/2, Chromium would use that connection for the WebSocket.
        var page = await context.NewPageAsync();
        await page.GotoAsync($"https://{address}/livez");

        var received = await page.EvaluateAsync<string>(
            """
            url => new Promise((resolve, reject) => {
              const socket = new WebSocket(url);
              socket.onopen = () => { socket.send('token'); socket.send('1,2'); socket.send(':over tls'); };
              socket.onmessage = event => resolve(event.data);
              socket.onclose = event => reject(new Error(`closed: ${event.code} ${event.reason}`));
            })
            """,
            $"wss://{address}/!direct");

        Assert.Equal("over tls", received);
    }

    // The node selects no sub-protocol, and a browser that has offered some then fails the connection.
    [Fact]
    public async Task Connect_OfferingASubProtocol_FailsInTheBrowser()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(chromium.Origin);

        var outcome = await page.EvaluateAsync<string>(
            """
            url => new Promise(resolve => {
              const socket = new WebSocket(url, ['chat']);
              socket.onopen = () => resolve('open');
              socket.onclose = event => resolve(`closed ${event.code}`);
            })
            """,
            plain.Process.WebSocketUrl);

        Assert.Equal("closed 1006", outcome);
    }

    private async Task<(Tab First, Tab Second)> TwoTabsAsync(Microsoft.Playwright.IBrowserContext context, NodeProcess node, string room)
    {
        var first = await Tab.OpenAsync(context, chromium.Origin);
        var second = await Tab.OpenAsync(context, chromium.Origin);
        await first.JoinAsync(node.WebSocketUrl, room);
        await second.JoinAsync(node.WebSocketUrl, room);
        return (first, second);
    }
}
