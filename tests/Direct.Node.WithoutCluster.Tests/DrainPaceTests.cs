using System.Diagnostics;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>
/// Tests the rate at which a drain closes connections, and the connections that it does not wait for. An embedded silo has no part in that, so these
/// tests run only without one.
/// </summary>
public sealed class DrainPaceTests
{
    [Fact]
    public async Task Sigterm_WithManyConnections_ClosesAllWithinTheWindowSpreadOut()
    {
        // 100 connections at 50 per second take two seconds, well inside the window.
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:10", "Direct:Drain:ClosesPerSecond=50");
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < 100; i++)
        {
            clients.Add(await ProtocolClient.ConnectWithTokenAsync(node.Port));
        }

        await node.TerminateAsync();
        var watch = Stopwatch.StartNew();
        var closes = await Task.WhenAll(clients.Select(async client => (Status: await client.ReceiveCloseAsync(), At: watch.Elapsed)));

        Assert.All(closes, close => Assert.Equal(4001, close.Status.Code));
        var spread = closes.Max(close => close.At) - closes.Min(close => close.At);
        Assert.InRange(spread, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(9)); // spread over the whole window it would be ten
        Assert.Equal(0, await node.WaitForExitAsync());
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sigterm_WithMoreConnectionsThanThePaceAllows_KeepsToTheWindow()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:01", "Direct:Drain:ClosesPerSecond=1");
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await ProtocolClient.ConnectWithTokenAsync(node.Port));
        }

        await node.TerminateAsync();
        var watch = Stopwatch.StartNew();
        var closes = await Task.WhenAll(clients.Select(client => client.ReceiveCloseAsync()));

        Assert.All(closes, status => Assert.Equal(4001, status.Code));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15)); // at one per second it would be twenty
        Assert.Equal(0, await node.WaitForExitAsync());
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sigterm_WithAClientWithoutAToken_ClosesItToo()
    {
        await using var node = await NodeProcess.StartAsync();
        await using var client = await ProtocolClient.ConnectAsync(node.Port);
        await client.SyncAsync();

        await node.TerminateAsync();

        Assert.Equal(4001, (await client.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithClientsThatNeverAnswerNorRead_ExitsAllTheSame()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:01", "Direct:Connections:CloseTimeout=00:00:01");
        await using var silent = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var half = await ProtocolClient.OpenAsync(node.Port);
        await half.SendRawAsync("GET /!direct HTTP/1.1\r\nHost"u8.ToArray());

        await node.TerminateAsync();

        Assert.Equal(0, await node.WaitForExitAsync());
    }
}
