using System.Text;
using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class InvalidCommandTests(TestNode node)
{
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("5")]
    [InlineData(" ")]
    [InlineData("a:b")]
    [InlineData(" :text")]
    [InlineData("5;6")]
    [InlineData("{}")]
    public async Task Command_ThatIsNeither_Closes1008NamingWhatWasExpected(string command)
    {
        await using var text = await node.EnterAsync();
        await using var binary = await node.EnterAsync();

        await text.SendTextAsync(command);
        await binary.SendBinaryAsync(Encoding.UTF8.GetBytes(command));

        var (first, second) = (await text.ReceiveCloseAsync(), await binary.ReceiveCloseAsync());
        Assert.Equal(1008, first.Code);
        Assert.Contains("group,channel", first.Reason, StringComparison.Ordinal);
        Assert.Contains(":text", first.Reason, StringComparison.Ordinal);
        Assert.Equal(first, second);
    }
}
