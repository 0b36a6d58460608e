using System.Text;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionReceiveTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    /// <summary>Gets first frames that end a connection at once, with their close codes.</summary>
    public static TheoryData<string, int> Illegal => new()
    {
        { "8100", 1002 }, // not masked
        { "C18000000000", 1002 }, // RSV1
        { "A18000000000", 1002 }, // RSV2
        { "918000000000", 1002 }, // RSV3
        { "838000000000", 1002 }, // opcode 3
        { "8B8000000000", 1002 }, // opcode 11
        { "098000000000", 1002 }, // a fragmented ping
        { "89FE007E", 1002 }, // a ping of 126 bytes
        { "808000000000", 1002 }, // a continuation without a first frame
        { "81FF8000000000000000", 1002 }, // the highest bit of the length
        { "81FE0201", 1009 }, // 513 bytes
        { "81FF0000000000010000", 1009 }, // 65536 bytes
        { "818100000000FF", 1007 }, // a text that is not UTF-8
        { "81820000 0000C328", 1007 },
        { "888100000000FF", 1002 }, // a close frame of one byte
        { "8882000000 0003ED", 1002 }, // code 1005
        { "888300000000 03E8FF", 1007 }, // a reason that is not UTF-8
    };

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [MemberData(nameof(Illegal))]
    public async Task Receive_IllegalFrame_ClosesWithItsCode(string hex, int code)
    {
        var client = _gateway.Connect();

        await client.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        Assert.Equal(code, client.Transport.Close?.Code);
    }

    // Splits a sequence of all kinds of client frames at every position. The result must not depend on the split.
    [Fact]
    public async Task Receive_EverySplitPoint_ComesToTheSame()
    {
        var bytes = InMemoryClient.Bytes([
            InMemoryClient.Ping("before"),
            .. ClientFrame.Fragments(Opcode.Text, Encoding.UTF8.GetBytes("tök€n"), 1, 2, 5),
            InMemoryClient.Ping("after"),
            ClientFrame.Text("5,7"),
            new ClientFrame(Opcode.Ping, new byte[125]),
            ClientFrame.Text(new string('x', 130) + ",7"),
            new ClientFrame(Opcode.Pong, Array.Empty<byte>()),
            ClientFrame.Binary(),
        ]);
        var expected = new[] { "pong before", "pong after", "pong " + new string('\0', 125), "close 1008" };

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var client = _gateway.Connect();

            await client.SendAsync(bytes.AsMemory(0, cut));
            await client.SendAsync(bytes.AsMemory(cut));

            Assert.Equal(expected, Transcript(client));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("token")]
    [InlineData("1,2")]
    [InlineData(":hello")]
    public async Task Receive_FirstMessage_IsTheToken(string token)
    {
        var client = _gateway.Connect();

        await client.SendTextAsync(token);

        Assert.Equal(
            (true, 0L, 0L, 1L),
            (client.Connection.IsIdentified, client.Connection.GroupId, client.Connection.ChannelId, client.Connection.UserId));
    }

    [Fact]
    public async Task Receive_Join_IsInForceBeforeTheNextFrame()
    {
        var member = await _gateway.JoinAsync(5, 7);
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Text("token"), ClientFrame.Text("5,7"), ClientFrame.Text(":hello"));

        Assert.Equal(("hello", "hello"), (await member.Transport.TextAsync(), await client.Transport.TextAsync()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("12")]
    public async Task Receive_NeitherJoinNorBroadcast_ClosesWith1008(string message)
    {
        var client = await _gateway.EnterAsync();

        await client.SendTextAsync(message);

        Assert.Equal(new CloseStatus(1008, CloseReason.InvalidCommand.Text), client.Transport.Close);
    }

    [Fact]
    public async Task Receive_BroadcastOfInvalidUtf8_ReachesNobody()
    {
        var member = await _gateway.JoinAsync(5, 7);
        var client = await _gateway.JoinAsync(5, 7);
        await client.SendAsync(ClientFrame.Binary((byte)':', 0xC3));

        _gateway.Signal(5, 7, 0, "after");

        Assert.Equal("after", await member.Transport.TextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("€ 5,-")]
    [InlineData(":")]
    public async Task Receive_Broadcast_ReachesEveryMemberAndTheSender(string text)
    {
        var member = await _gateway.JoinAsync(5, 7);
        var client = await _gateway.JoinAsync(5, 7);

        await client.BroadcastAsync(text);

        Assert.Equal((text, text), (await member.Transport.TextAsync(), await client.Transport.TextAsync()));
    }

    // The buffer of a message is reused for the next one.
    [Fact]
    public async Task Receive_ManyBroadcastsInOneRead_KeepTheirTexts()
    {
        var texts = Enumerable.Range(0, 200).Select(i => $"{i} {new string((char)('a' + (i % 26)), i)}").ToArray();
        var client = await _gateway.JoinAsync(5, 7);

        await client.SendAsync(texts.Select((text, i) => i % 2 == 0
            ? [ClientFrame.Text(":" + text)]
            : ClientFrame.Fragments(Opcode.Binary, Encoding.UTF8.GetBytes(":" + text), 1)).SelectMany(frames => frames));

        Assert.Equal(texts, await client.Transport.TextsAsync(texts.Length));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(1, 511)]
    [InlineData(511, 1)]
    [InlineData(256, 0, 256)]
    [InlineData(100, 100, 100, 100, 100, 12)]
    public async Task Receive_MessageOfExactlyTheLimit_IsTaken(params int[] fragments)
    {
        var client = _gateway.Connect();

        await client.SendAsync(Pieces(fragments));

        Assert.True(client.Connection.IsIdentified);
    }

    [Theory]
    [InlineData(513)]
    [InlineData(512, 1)]
    [InlineData(1, 512)]
    [InlineData(256, 257)]
    [InlineData(100, 100, 100, 100, 100, 13)]
    public async Task Receive_MessageOverTheLimit_IsRefusedFromTheHeaderOfTheLastFragment(params int[] fragments)
    {
        var client = _gateway.Connect();
        var bytes = InMemoryClient.Bytes(Pieces(fragments));
        var withoutLastPayload = bytes.AsMemory(0, bytes.Length - fragments[^1] - 4);

        await client.SendAsync(withoutLastPayload);

        Assert.Equal(1009, client.Transport.Close?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task Receive_Ping_IsAnsweredWithItsPayload(string payload)
    {
        var client = _gateway.Connect();

        await client.SendAsync(InMemoryClient.Ping(payload));

        Assert.Equal([$"pong {payload}"], Transcript(client));
    }

    [Fact]
    public async Task Receive_MoreFramesThanTheBurst_ClosesWith4007()
    {
        _gateway.Limits.MessagesPerSecond = 10;
        _gateway.Limits.MessageBurst = 3;
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Text("token"), InMemoryClient.Ping(""), ClientFrame.Text("1,2"), InMemoryClient.Ping(""));

        Assert.Equal(4007, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Receive_FramesAtTheRate_AreTaken()
    {
        _gateway.Limits.MessagesPerSecond = 10;
        _gateway.Limits.MessageBurst = 1;
        var client = await _gateway.EnterAsync();

        for (var i = 0; i < 30; i++)
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await client.SendAsync(InMemoryClient.Ping(""));
        }

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Receive_PongsAndTheClose_CountAgainstNoRate()
    {
        _gateway.Limits.MessagesPerSecond = 1;
        _gateway.Limits.MessageBurst = 1;
        var client = await _gateway.EnterAsync();

        await client.SendAsync(Enumerable.Repeat(new ClientFrame(Opcode.Pong, Array.Empty<byte>()), 50).Append(ClientFrame.Close(1000)));

        Assert.Equal(1000, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Receive_ManyFragments_CountAsOneFrameEach()
    {
        _gateway.Limits.MessagesPerSecond = 1;
        _gateway.Limits.MessageBurst = 10;
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, new byte[20], [.. Enumerable.Range(0, 20)]));

        Assert.Equal(4007, client.Transport.Close?.Code);
    }

    private static IEnumerable<ClientFrame> Pieces(int[] lengths) => lengths.Select((length, i) =>
        new ClientFrame(i == 0 ? Opcode.Text : Opcode.Continuation, new byte[length]) { Fin = i == lengths.Length - 1 });

    private static IEnumerable<string> Transcript(InMemoryClient client) => client.Transport.Frames.Select(frame =>
        frame.IsClose ? $"close {frame.Status.Code}" : $"{(frame.IsPong ? "pong" : $"opcode {frame.Opcode}")} {Encoding.UTF8.GetString(frame.Payload)}");
}
