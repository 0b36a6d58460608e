using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.Signals;

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

        // Uses the group, channel and user of each member, including negative numbers and the lobby.
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
}
