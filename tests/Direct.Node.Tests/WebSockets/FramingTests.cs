using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class FramingTests(TestNode node)
{
    private static readonly Dictionary<string, ClientFrame[]> Broken = new()
    {
        ["unmasked text"] = [ClientFrame.Text("1,2") with { Masked = false }],
        ["unmasked binary"] = [ClientFrame.Binary(1) with { Masked = false }],
        ["unmasked ping"] = [new ClientFrame(Opcode.Ping, ReadOnlyMemory<byte>.Empty) { Masked = false }],
        ["unmasked close"] = [ClientFrame.Close(1000) with { Masked = false }],
        ["unmasked empty text"] = [ClientFrame.Text("") with { Masked = false }],
        ["RSV1"] = [ClientFrame.Text("1,2") with { Reserved = 0x40 }],
        ["RSV2"] = [ClientFrame.Text("1,2") with { Reserved = 0x20 }],
        ["RSV3"] = [ClientFrame.Text("1,2") with { Reserved = 0x10 }],
        ["RSV1 on a ping"] = [new ClientFrame(Opcode.Ping, ReadOnlyMemory<byte>.Empty) { Reserved = 0x40 }],
        ["RSV1 on a continuation"] = [.. Fragmented((Opcode.Continuation, 0x40))],
        ["opcode 3"] = [new ClientFrame(3, ReadOnlyMemory<byte>.Empty)],
        ["opcode 4"] = [new ClientFrame(4, ReadOnlyMemory<byte>.Empty)],
        ["opcode 5"] = [new ClientFrame(5, ReadOnlyMemory<byte>.Empty)],
        ["opcode 6"] = [new ClientFrame(6, ReadOnlyMemory<byte>.Empty)],
        ["opcode 7"] = [new ClientFrame(7, ReadOnlyMemory<byte>.Empty)],
        ["opcode 11"] = [new ClientFrame(11, ReadOnlyMemory<byte>.Empty)],
        ["opcode 12"] = [new ClientFrame(12, ReadOnlyMemory<byte>.Empty)],
        ["opcode 13"] = [new ClientFrame(13, ReadOnlyMemory<byte>.Empty)],
        ["opcode 14"] = [new ClientFrame(14, ReadOnlyMemory<byte>.Empty)],
        ["opcode 15"] = [new ClientFrame(15, ReadOnlyMemory<byte>.Empty)],
        ["fragmented ping"] = [new ClientFrame(Opcode.Ping, ReadOnlyMemory<byte>.Empty) { Fin = false }],
        ["fragmented pong"] = [new ClientFrame(Opcode.Pong, ReadOnlyMemory<byte>.Empty) { Fin = false }],
        ["fragmented close"] = [ClientFrame.Close(1000) with { Fin = false }],
        ["ping of 126 bytes"] = [new ClientFrame(Opcode.Ping, new byte[126])],
        ["pong of 126 bytes"] = [new ClientFrame(Opcode.Pong, new byte[126])],
        ["close of 126 bytes"] = [ClientFrame.Close(1000, new string('x', 124))],
        ["ping of 70,000 bytes"] = [new ClientFrame(Opcode.Ping, ReadOnlyMemory<byte>.Empty) { ClaimedLength = 70_000 }],
        ["ping of 0 bytes in the long form"] = [new ClientFrame(Opcode.Ping, ReadOnlyMemory<byte>.Empty) { LengthBytes = 2, ClaimedLength = 200 }],
        ["continuation of nothing"] = [new ClientFrame(Opcode.Continuation, "x"u8.ToArray())],
        ["continuation of nothing, not the last"] = [new ClientFrame(Opcode.Continuation, "x"u8.ToArray()) { Fin = false }],
        ["text inside a message"] = [.. Fragmented((Opcode.Text, 0))],
        ["binary inside a message"] = [.. Fragmented((Opcode.Binary, 0))],
        ["close of 1 byte"] = [new ClientFrame(Opcode.Close, new byte[1])],
        ["close with code 0"] = [ClientFrame.Close(0)],
        ["close with code 999"] = [ClientFrame.Close(999)],
        ["close with code 1004"] = [ClientFrame.Close(1004)],
        ["close with code 1005"] = [ClientFrame.Close(1005)],
        ["close with code 1006"] = [ClientFrame.Close(1006)],
        ["close with code 1015"] = [ClientFrame.Close(1015)],
        ["close with code 2999"] = [ClientFrame.Close(2999)],
        ["close with code 5000"] = [ClientFrame.Close(5000)],
    };

    public static MatrixTheoryData<string, bool> BrokenInBothDialects => new(Broken.Keys, [false, true]);

    [Theory]
    [MemberData(nameof(BrokenInBothDialects))]
    public async Task Frames_ThatBreakTheProtocol_Close1002(string name, bool isDirect2)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var other = await node.JoinAsync(group, channel);
        await using var client = await (isDirect2 ? node.JoinDirect2Async(group, channel) : node.JoinAsync(group, channel));

        await client.SendAsync(Broken[name]);

        Assert.Equal(1002, (await client.ReceiveCloseFrameAsync()).Code);
        await other.BroadcastAsync("still here");
        Assert.Equal("still here", await other.ReceiveTextAsync());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(125, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(125, true)]
    public async Task Ping_UpToTheLongestPayload_IsAnsweredWithIt(int bytes, bool isDirect2)
    {
        await using var client = await (isDirect2 ? node.JoinDirect2Async(node.NewNumber(), 0) : node.EnterAsync());
        var payload = Enumerable.Range(0, bytes).Select(value => (byte)(value + 200)).ToArray();

        await client.SendPingAsync(payload);

        var pong = await client.ReceiveAsync();
        Assert.True(pong.IsPong);
        Assert.Equal(payload, pong.Payload);
    }

    [Fact]
    public async Task Pings_InOneWrite_AreAllAnsweredInOrderOrTheLastIs()
    {
        await using var client = await node.EnterAsync();

        await client.SendAsync(Enumerable.Range(0, 50).Select(value => new ClientFrame(Opcode.Ping, new[] { (byte)value })));

        // RFC 6455, 5.5.3: an endpoint may answer only the latest of several pings.
        var last = -1;
        while (last != 49)
        {
            var pong = await client.ReceiveAsync();
            Assert.True(pong.IsPong);
            Assert.InRange(pong.Payload[0], last + 1, 49);
            last = pong.Payload[0];
        }
    }

    // A message of direct.2 in single bytes, with a ping before each.
    [Fact]
    public async Task Fragments_OfACommandWithPingsBetween_AreOneMessage()
    {
        await using var client = await node.JoinDirect2Async(node.NewNumber(), 0);
        var bytes = "join 7,1 #a\nleave 7,1 #b"u8.ToArray();

        await client.SendAsync(bytes.Index().SelectMany(each => new[]
        {
            new ClientFrame(Opcode.Ping, new[] { (byte)each.Index }),
            new ClientFrame(each.Index == 0 ? Opcode.Text : Opcode.Continuation, new[] { each.Item }) { Fin = each.Index == bytes.Length - 1 },
        }));

        var (pongs, texts) = (0, new List<string>());
        while (texts is not [.., "left 7,1 #b"])
        {
            var frame = await client.ReceiveAsync();
            pongs += frame.IsPong ? 1 : 0;
            texts.AddRange(frame.IsText ? [frame.Text] : []);
        }

        Assert.Equal(bytes.Length, pongs);
        Assert.Contains("joined 7,1 #a", texts);
    }

    private static ClientFrame[] Fragmented((byte Opcode, byte Reserved) second) =>
    [
        new ClientFrame(Opcode.Text, "1,"u8.ToArray()) { Fin = false },
        new ClientFrame(second.Opcode, "2"u8.ToArray()) { Reserved = second.Reserved },
    ];
}
