using System.Net;
using System.Net.Sockets;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

public sealed class DrainTests
{
    [Fact]
    public async Task Sigint_WithoutConnections_ExitsWith0()
    {
        Interrupts.SkipWhenIgnored();
        await using var node = await NodeProcess.StartAsync();

        await node.SendAsync("INT");

        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithAReadyDelay_IsUnreadyFirstThenStopsListeningThenCloses4001()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:ReadyDelay=00:00:02", "Direct:Drain:Window=00:00:01");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(1, 2);

        await node.TerminateAsync();

        // The load balancer is notified before anything ends: connections that arrive meanwhile are still served.
        await Deadline.UntilAsync("unready after SIGTERM", async () => await StatusAsync(node, "/readyz") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, "/livez"));
        await using var late = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await late.JoinAsync(1, 2);
        Assert.Equal(2, (await node.SignalAsync("1,2,0", "during the delay")).Delivered);
        Assert.Equal("during the delay", await client.ReceiveTextAsync());
        Assert.Equal("during the delay", await late.ReceiveTextAsync());

        await Deadline.UntilAsync("connections are refused", async () => await IsRefusedAsync(node.Port));
        var status = await client.ReceiveCloseAsync();
        Assert.Equal(4001, status.Code);
        Assert.StartsWith("gateway draining", status.Reason, StringComparison.Ordinal);
        Assert.Equal(4001, (await late.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithMessagesWaiting_FlushesThemFirst()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:05");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port, options: new HandshakeOptions { ReceiveBufferBytes = 4096 });
        await client.JoinAsync(1, 2);
        var texts = Enumerable.Range(0, 100).Select(number => $"{number} {new string('x', 1_000)}").ToArray();
        foreach (var text in texts)
        {
            Assert.Equal(1, (await node.SignalAsync("1,2,0", text)).Delivered);
        }

        await node.TerminateAsync();

        Assert.Equal(texts[..^1], await client.ReceiveTextsUntilAsync(texts[^1]));
        Assert.Equal(4001, (await client.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_Twice_EndsAtOnce()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:ReadyDelay=00:00:30");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await node.TerminateAsync();
        await Deadline.UntilAsync("unready after SIGTERM", async () => await StatusAsync(node, "/readyz") == HttpStatusCode.ServiceUnavailable);

        await node.TerminateAsync();

        Assert.Equal(143, await node.WaitForExitAsync()); // sooner than the delay of 30 s
    }

    private static async Task<HttpStatusCode> StatusAsync(NodeProcess node, string path)
    {
        using var answer = await node.Http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            await using var client = await ProtocolClient.OpenAsync(port);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }
}
