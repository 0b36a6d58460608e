using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

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

    public static MatrixTheoryData<ulong, bool> LengthsInBothDialects => new([4097UL, 65_535UL, 65_536UL, 1UL << 31, 1UL << 32, long.MaxValue], [false, true]);

    [Fact]
    public async Task Frame_ThatClaimsOneByteOverTheLimit_Closes1009BeforeItsPayload()
    {
        await using var client = await node.EnterAsync();

        await client.SendAsync(new ClientFrame(Opcode.Text, ReadOnlyMemory<byte>.Empty) { ClaimedLength = Limit + 1 });

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Theory]
    [MemberData(nameof(LengthsInBothDialects))]
    public async Task Frame_ThatOnlyClaimsToBeLong_Closes1009BeforeItsPayload(ulong claimed, bool isDirect2)
    {
        await using var client = await (isDirect2 ? node.JoinDirect2Async(node.NewNumber(), 0) : node.EnterAsync());

        await client.SendAsync(new ClientFrame(Opcode.Text, ReadOnlyMemory<byte>.Empty) { ClaimedLength = claimed });

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }
}
