using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

public sealed class EmbeddedSiloTests
{
    // Regression test: the silo chose two free ports and bound them later, so two nodes that started at the same time could use the same ones. A node
    // must now listen on its own port only.
    [Fact]
    public async Task Node_WithASiloOfItsOwn_ListensAtItsOwnPortAlone()
    {
        await using var node = await NodeProcess.StartAsync("cluster=localhost");

        Assert.Equal([node.Port], node.ListeningPorts);
    }

    [Fact]
    public async Task Nodes_StartedAtTheSameMoment_AreClustersOfTheirOwn()
    {
        var nodes = await Task.WhenAll(NodeProcess.StartAsync("cluster=localhost"), NodeProcess.StartAsync("cluster=localhost"));
        await using var first = nodes[0];
        await using var second = nodes[1];
        await using var client = await ProtocolClient.ConnectWithTokenAsync(first.Port);
        await client.JoinAsync(7, 1);
        await client.SyncAsync();

        Assert.Equal(0, (await second.SignalAsync("7,1,0", "hello")).Delivered);
        Assert.Equal(1, (await first.SignalAsync("7,1,0", "hello")).Delivered);
    }
}
