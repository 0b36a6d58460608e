using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.Signals;

[ProtocolRow("Signals: targets")]
[Collection(nameof(OnPlainNode))]
public sealed class TargetTests(TestNode node)
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    public async Task Signal_WithAnyFieldsSet_ReachesExactlyThoseWhoMatchThem(bool group, bool channel, bool user)
    {
        await node.WaitUntilEmptyAsync();
        var (groups, channels) = (new[] { node.NewNumber(), -node.NewNumber(), 0 }, new[] { node.NewNumber(), -node.NewNumber(), 0 });
        var members = new List<Member>();
        foreach (var ownGroup in groups)
        {
            foreach (var ownChannel in channels)
            {
                members.Add(await node.MemberAsync(ownGroup, ownChannel));
            }
        }

        // From the point of view of each member, negative numbers and the lobby among them.
        foreach (var target in members)
        {
            var wanted = (
                Group: group ? target.Group : 0,
                Channel: channel ? target.Channel : 0,
                User: user ? target.User : 0);
            var text = $"{wanted}";
            var matching = members
                .Where(member => wanted.Group == 0 || member.Group == wanted.Group)
                .Where(member => wanted.Channel == 0 || member.Channel == wanted.Channel)
                .Where(member => wanted.User == 0 || member.User == wanted.User)
                .ToArray();

            var receipt = await node.SignalAsync(wanted.Group, wanted.Channel, wanted.User, text);

            Assert.Equal(matching.Length, receipt.Delivered);
            foreach (var member in matching)
            {
                Assert.Equal(text, await member.Client.ReceiveTextAsync());
            }
        }

        await node.SignalAsync(0, 0, 0, "end");
        foreach (var member in members)
        {
            Assert.Empty(await member.Client.ReceiveTextsUntilAsync("end"));
            await member.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    public async Task Signal_WithOneFieldThatDiffers_DoesNotMatch(int group, int channel, int user)
    {
        await using var member = await node.MemberAsync();

        // The fields that are 1 are set, and each of them in turn is off by one.
        long[] fields = [member.Group * group, member.Channel * channel, member.User * user];
        for (var field = 0; field < 3; field++)
        {
            var wrong = fields.ToArray();
            wrong[field] = wrong[field] == 0 ? -1 : -wrong[field];
            Assert.Equal(0, await node.CountAsync(wrong[0], wrong[1], wrong[2]));
        }
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(4_294_967_297)]
    public async Task Signal_With64BitNumbers_MatchesAllBits(long number)
    {
        await using var client = await node.JoinAsync(number, number);

        Assert.Equal(1, await node.CountAsync(number, number, 0));
        Assert.Equal(0, await node.CountAsync(number ^ (1L << 32), number, 0));
        Assert.Equal(0, await node.CountAsync(number, number ^ (1L << 62), 0));
    }

    [Fact]
    public async Task Signal_ToEveryone_ReachesThoseInThe0_0LobbyToo()
    {
        await node.WaitUntilEmptyAsync();
        await using var inLobby = await node.EnterAsync();
        await using var inRoom = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        Assert.Equal(2, (await node.SignalAsync(0, 0, 0, "everyone")).Delivered);

        Assert.Equal("everyone", await inLobby.ReceiveTextAsync());
        Assert.Equal("everyone", await inRoom.ReceiveTextAsync());
    }
}
