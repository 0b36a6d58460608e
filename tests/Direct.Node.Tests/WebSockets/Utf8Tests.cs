using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class Utf8Tests(TestNode node)
{
    public static TheoryData<string, byte[]> Invalid => new()
    {
        { "no such byte", [0xFF] },
        { "lone continuation", [0x80] },
        { "over-long slash", [0xC0, 0xAF] },
        { "over-long zero", [0xE0, 0x80, 0x80] },
        { "surrogate", [0xED, 0xA0, 0x80] },
        { "above U+10FFFF", [0xF4, 0x90, 0x80, 0x80] },
        { "cut short", [0xE2, 0x82] },
        { "cut short before a letter", [0xE2, 0x82, (byte)'x'] },
        { "Latin-1", [(byte)'c', (byte)'a', (byte)'f', 0xE9] },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Broadcast_NotUtf8InATextFrame_Closes1007(string what, byte[] bytes)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.SendAsync(new ClientFrame(Opcode.Text, (byte[])[(byte)':', .. bytes]));

        await AssertClosedAsync(what, client);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Say_NotUtf8InATextFrame_Closes1007(string what, byte[] bytes)
    {
        var group = node.NewNumber();
        await using var client = await node.JoinDirect2Async(group, 0);

        await client.SendAsync(new ClientFrame(Opcode.Text, (byte[])[.. System.Text.Encoding.ASCII.GetBytes($"say {group},0\n"), .. bytes]));

        await AssertClosedAsync(what, client);
    }

    [Theory]
    [InlineData("\u0080")]
    [InlineData("\u07FF")]
    [InlineData("\u0800")]
    [InlineData("\uD7FF")]
    [InlineData("\uE000")]
    [InlineData("\uFFFF")]
    [InlineData("\U00010000")]
    [InlineData("\U0010FFFF")]
    public async Task Broadcast_TheEdgesOfUtf8_ArePassedOn(string text)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.BroadcastAsync(text);

        Assert.Equal(text, await client.ReceiveTextAsync());
    }

    private static async Task AssertClosedAsync(string what, ProtocolClient client)
    {
        var status = await client.ReceiveCloseFrameAsync();
        Assert.True(status.Code == 1007, $"{what}: 1007 expected, got {status}");
    }
}
