using System.Net;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.WithoutCluster.Tests;

public sealed class WithoutClusterTests
{
    [Fact]
    public async Task Node_OfThisProject_ServesWithoutLoadingOrleans()
    {
        await using var node = await NodeProcess.StartAsync();
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(7, 1);
        await client.SyncAsync();

        var receipt = await node.SignalAsync("7,1,0", "hello");

        Assert.Equal((HttpStatusCode.OK, 1, 1), (receipt.Status, receipt.Delivered, receipt.Gateways));
        Assert.Equal("hello", await client.ReceiveTextAsync());
        Assert.DoesNotContain(node.MappedFiles, file => file.EndsWith("Orleans.Runtime.dll", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Node_WithAClusterOfItsOwn_LoadsOrleans()
    {
        await using var node = await NodeProcess.StartAsync("cluster=localhost");

        Assert.Contains(node.MappedFiles, file => file.EndsWith("Orleans.Runtime.dll", StringComparison.Ordinal));
    }
}
