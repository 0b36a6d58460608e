using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class CloseTests(TestNode node)
{
    public static MatrixTheoryData<(int Code, string Reason), bool> CodesInBothDialects => new(
        [(1000, ""), (1001, "going away"), (1002, ""), (1011, ""), (3000, ""), (4999, "до свидания")], [false, true]);

    [Theory]
    [MemberData(nameof(CodesInBothDialects))]
    public async Task Close_WithACode_IsEchoedAndTheConnectionEnds((int Code, string Reason) close, bool isDirect2)
    {
        var (code, reason) = close;
        await using var client = await (isDirect2 ? node.JoinDirect2Async(node.NewNumber(), 0) : node.EnterAsync());

        await client.SendCloseAsync(code, reason);

        var echo = await client.ReceiveAsync();
        Assert.Equal(code, echo.Status.Code);
        Assert.Equal(StreamEnd.EndOfFile, await client.ReceiveEndAsync());
    }

    [Fact]
    public async Task Close_AfterBroadcasts_DoesNotKeepThemFromTheOthers()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var other = await node.JoinAsync(group, channel);
        await using var client = await node.JoinAsync(group, channel);

        await client.SendAsync([ClientFrame.Text(":one"), ClientFrame.Text(":two"), ClientFrame.Close(1000)]);

        Assert.Equal("one", await other.ReceiveTextAsync());
        Assert.Equal("two", await other.ReceiveTextAsync());
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    public async Task Close_FromTheServer_EndsTheConnectionOnceTheClientAnswered(int code)
    {
        await using var client = await node.EnterAsync();

        await client.SendAsync(code switch
        {
            1002 => ClientFrame.Text("1,2") with { Reserved = 0x40 },
            1007 => new ClientFrame(Opcode.Text, new byte[] { (byte)':', 0xFF }),
            1008 => ClientFrame.Text("neither"),
            _ => ClientFrame.Text(new string('x', 513)),
        });

        // The node answers at once and does not wait for the 5 s that a client has: a browser reports the close to its page only then.
        Assert.Equal(code, (await client.ReceiveCloseAsync(TimeSpan.FromSeconds(3))).Code);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("end of file")]
    [InlineData("reset")]
    public async Task Connection_HoweverItEnds_LeavesItsRoom(string how)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);

        switch (how)
        {
            case "close":
                await client.CloseAsync();
                break;
            case "reset":
                client.Abort();
                break;
            default:
                client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                break;
        }

        await Deadline.UntilAsync($"{how}: the room is empty", async () => await node.CountAsync(group, channel, 0) == 0);
    }
}
