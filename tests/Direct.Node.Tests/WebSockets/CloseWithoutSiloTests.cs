using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class NodeWithoutSilo() : TestNode("cluster=none");

/// <summary>Tests a guarantee of <c>cluster=none</c> only: through a silo the echo of the close frame may arrive before the sender's own broadcasts.</summary>
public sealed class CloseWithoutSiloTests(NodeWithoutSilo node) : IClassFixture<NodeWithoutSilo>
{
    [Fact]
    public async Task Close_AfterBroadcasts_IsEchoedAfterThem()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.SendAsync([ClientFrame.Text(":one"), ClientFrame.Text(":two"), ClientFrame.Close(1000)]);

        Assert.Equal("one", await client.ReceiveTextAsync());
        Assert.Equal("two", await client.ReceiveTextAsync());
        Assert.Equal(1000, (await client.ReceiveCloseAsync()).Code);
    }
}
