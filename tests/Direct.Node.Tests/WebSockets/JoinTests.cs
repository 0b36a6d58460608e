using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class JoinTests(TestNode node)
{
    [Fact]
    public async Task Join_AnotherPlace_LeavesTheLast()
    {
        await using var member = await node.MemberAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await member.Client.JoinAsync(group, channel);

        Assert.Equal(
            (0, 0, 0, 1, 1, 1),
            (await node.CountAsync(member.Group, 0, 0), await node.CountAsync(0, member.Channel, 0),
                await node.CountAsync(member.Group, member.Channel, 0), await node.CountAsync(group, 0, 0),
                await node.CountAsync(0, channel, 0), await node.CountAsync(group, channel, member.User)));
    }

    [Fact]
    public async Task Join_FollowedByABroadcastInTheSameWrite_IsInForceFirst()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var there = await node.JoinAsync(group, channel);
        await using var client = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        await client.SendAsync([ClientFrame.Text($"{group},{channel}"), ClientFrame.Text(":hello")]);

        Assert.Equal("hello", await there.ReceiveTextAsync());
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }
}
