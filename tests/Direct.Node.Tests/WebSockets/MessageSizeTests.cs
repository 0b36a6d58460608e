using System.Text;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[ProtocolRow("WebSocket: size")]
[Collection(nameof(OnPlainNode))]
public sealed class MessageSizeTests(TestNode node)
{
    private const int Limit = 512;

    [Theory]
    [InlineData(Limit)]
    [InlineData(126)]
    [InlineData(125)]
    public async Task Message_UpToTheLimit_IsHandled(int bytes)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);
        var text = new string('x', bytes - 1);

        await client.BroadcastAsync(text);

        Assert.Equal(text, await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Message_OneByteOverTheLimit_Closes1009()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.BroadcastAsync(new string('x', Limit));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Fact]
    public async Task Message_CountedInBytesNotCharacters_Closes1009()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.BroadcastAsync(new string('ж', (Limit / 2) + 1));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Fact]
    public async Task Token_OfTheLimit_IsTaken()
    {
        await using var client = await node.ConnectAsync();

        await client.SendTextAsync(new string('t', Limit));
        await client.JoinAsync(node.NewNumber(), 0);
        await client.BroadcastAsync("in");

        Assert.Equal("in", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Token_OverTheLimit_Closes1009()
    {
        await using var client = await node.ConnectAsync();

        await client.SendTextAsync(new string('t', Limit + 1));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Theory]
    [InlineData(Limit, 256)]
    [InlineData(Limit, 1, 2, 3, 4, 5)]
    [InlineData(Limit, 0, 512)]
    public async Task Fragments_ThatAddUpToTheLimit_AreHandled(int bytes, params int[] cuts)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);
        var text = new string('x', bytes - 1);

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.ASCII.GetBytes(":" + text), cuts));

        Assert.Equal(text, await client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData(256)]
    [InlineData(512)]
    [InlineData(1)]
    public async Task Fragments_ThatAddUpToMore_Close1009(int cut)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.ASCII.GetBytes(":" + new string('x', Limit)), cut));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Theory]
    [InlineData(Limit + 1UL)]
    [InlineData(65_535UL)]
    [InlineData(65_536UL)]
    [InlineData(1UL << 31)]
    [InlineData(1UL << 32)]
    [InlineData((ulong)long.MaxValue)]
    public async Task Frame_ThatOnlyClaimsToBeLong_Closes1009BeforeItsPayload(ulong claimed)
    {
        await using var client = await node.EnterAsync();

        await client.SendAsync(new ClientFrame(Opcode.Text, ReadOnlyMemory<byte>.Empty) { ClaimedLength = claimed });

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Fact]
    public async Task Frame_WhoseLengthHasTheHighestBit_IsRefused()
    {
        await using var client = await node.EnterAsync();

        await client.SendAsync(new ClientFrame(Opcode.Text, ReadOnlyMemory<byte>.Empty) { ClaimedLength = ulong.MaxValue });

        // RFC 6455, 5.2: that bit must be 0. So it breaks the protocol as much as the limit.
        var status = await client.ReceiveCloseFrameAsync();
        Assert.True(status.Code is 1002 or 1009, $"1002 or 1009 expected, got {status}");
    }

    [Fact]
    public async Task Fragments_EmptyOnesWithoutEnd_AreOneMessageStill()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);
        var frames = Enumerable.Range(0, 1_000)
            .Select(i => new ClientFrame(i == 0 ? Opcode.Text : Opcode.Continuation, ReadOnlyMemory<byte>.Empty) { Fin = false });

        await client.SendAsync(frames.Append(new ClientFrame(Opcode.Continuation, ":end"u8.ToArray())));

        Assert.Equal("end", await client.ReceiveTextAsync());
    }
}

public sealed class LargeMessageNode() : TestNode("Direct:Connections:MaxMessageBytes=70000", "Direct:Connections:QueueBytes=1000000");

[ProtocolRow("WebSocket: size")]
public sealed class MessageSizeSettingTests(LargeMessageNode node) : IClassFixture<LargeMessageNode>
{
    [Theory]
    [InlineData(513)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(70_000)]
    public async Task Message_UpToALargerLimit_IsHandled(int bytes)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);
        var text = new string('x', bytes - 1);

        await client.BroadcastAsync(text);

        Assert.Equal(text, await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Message_OverALargerLimit_Closes1009()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        await client.BroadcastAsync(new string('x', 70_000));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }
}
