using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Identity;

public sealed class TestIdTests(TestNode node) : IClassFixture<TestNode>
{
    // The class has only one test, because it checks the first ids of a node.
    [Fact]
    public async Task Tokens_InTheOrderTheyArrive_Get1And2And3()
    {
        await using var third = await node.ConnectAsync();
        await using var second = await node.ConnectAsync();
        await using var first = await node.ConnectAsync();

        foreach (var client in new[] { first, second, third })
        {
            await client.SendTextAsync("the same token");
            await client.SyncAsync();
        }

        foreach (var (client, user) in new[] { (first, 1), (second, 2), (third, 3) })
        {
            Assert.Equal(1, (await node.SignalAsync(0, 0, user, $"to {user}")).Delivered);
            Assert.Equal($"to {user}", await client.ReceiveTextAsync());
        }

        // An id is not reused.
        await first.CloseAsync();
        await using var fourth = await node.EnterAsync(HandshakeOptions.Default.With("X-Forwarded-For", "203.0.113.7"));
        Assert.Equal(1, await node.CountAsync(0, 0, 4));
    }
}
