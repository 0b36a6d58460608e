using System.Text;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionReceiveTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    /// <summary>First frames that end a connection at once, and the code they end it with.</summary>
    public static TheoryData<string, int> Illegal => new()
    {
        { "8100", 1002 }, // not masked
        { "C18000000000", 1002 }, // RSV1
        { "A18000000000", 1002 }, // RSV2
        { "918000000000", 1002 }, // RSV3
        { "838000000000", 1002 }, // opcode 3
        { "8B8000000000", 1002 }, // opcode 11
        { "098000000000", 1002 }, // a ping in pieces
        { "89FE007E", 1002 }, // a ping of 126 bytes
        { "808000000000", 1002 }, // a continuation of nothing
        { "81FF8000000000000000", 1002 }, // the highest bit of the length
        { "81FE0201", 1009 }, // 513 bytes
        { "81FF0000000000010000", 1009 }, // 65536 bytes
        { "818100000000FF", 1007 }, // text that is no UTF-8
        { "81820000 0000C328", 1007 },
        { "888100000000FF", 1002 }, // a close frame of one byte
        { "8882000000 0003ED", 1002 }, // code 1005
        { "888300000000 03E8FF", 1007 }, // a reason that is no UTF-8
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

    [Theory]
    [MemberData(nameof(Illegal))]
    public async Task Receive_AfterAnIllegalFrame_SendsNothingMore(string hex, int code)
    {
        var client = _gateway.Connect();
        await client.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        await client.SendAsync(ClientFrame.Text("token"), InMemoryClient.Ping("x"), ClientFrame.Text("nonsense"));

        Assert.Equal(code, Assert.Single(client.Transport.Frames).Status.Code);
    }

    // Everything a client may do, cut in two at every place: what comes of it must not depend on how the network cuts it.
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

    [Fact]
    public async Task Receive_ByteByByte_ComesToTheSame()
    {
        var client = _gateway.Connect();

        var frames = new[] { ClientFrame.Text("token"), InMemoryClient.Ping("1"), ClientFrame.Text("5,7"), InMemoryClient.Ping("2"), ClientFrame.Close(1000) };
        foreach (var value in InMemoryClient.Bytes(frames))
        {
            await client.SendAsync(new[] { value });
        }

        Assert.Equal(["pong 1", "pong 2", "close 1000"], Transcript(client));
    }

    [Fact]
    public async Task Receive_RandomBytes_EndInACloseFrameOrWaitForMore()
    {
        var random = new Random(6455);
        for (var round = 0; round < 2_000; round++)
        {
            var client = _gateway.Connect();
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);

            await client.SendAsync(bytes);

            Assert.True(
                client.Transport.Close?.Code is null or 1002 or 1007 or 1009 || client.Connection.IsFinished,
                $"round {round}: {client.Transport.Close}");
            await client.LoseAsync();
        }
    }

    [Fact]
    public async Task Receive_RandomBytesAfterTheToken_EndInACloseFrameOrWaitForMore()
    {
        var random = new Random(1789);
        for (var round = 0; round < 2_000; round++)
        {
            var client = await _gateway.EnterAsync();
            var payload = new byte[random.Next(0, 60)];
            random.NextBytes(payload);

            await client.SendAsync(new ClientFrame((byte)random.Next(0, 11), payload) { Fin = random.Next(0, 4) != 0 });

            Assert.True(
                client.Transport.Close?.Code is null or 1002 or 1007 or 1008 || client.Connection.IsFinished,
                $"round {round}: {client.Transport.Close}");
            await client.LoseAsync();
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
    public async Task Receive_BinaryToken_MayHoldAnything()
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Binary(0xFF, 0x00, 0xC3));

        Assert.True(client.Connection.IsIdentified);
    }

    [Fact]
    public async Task Receive_FragmentedToken_IsOneMessage()
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, "token"u8.ToArray(), 0, 1, 1, 4));

        Assert.Equal((true, null), (client.Connection.IsIdentified, client.Connection.CloseReason));
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
    [InlineData("5,7", 5, 7)]
    [InlineData("5,0", 5, 0)]
    [InlineData("0,7", 0, 7)]
    [InlineData("-5,-7", -5, -7)]
    [InlineData("x,7", 0, 7)]
    public async Task Receive_JoinByEitherKindOfFrame_Joins(string join, long group, long channel)
    {
        var client = await _gateway.EnterAsync();
        var other = await _gateway.EnterAsync();

        await client.SendTextAsync(join);
        await other.SendAsync(ClientFrame.Binary(Encoding.UTF8.GetBytes(join)));

        Assert.Equal(
            (group, channel, group, channel),
            (client.Connection.GroupId, client.Connection.ChannelId, other.Connection.GroupId, other.Connection.ChannelId));
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
    public async Task Receive_BroadcastOfInvalidUtf8InABinaryFrame_ClosesWith1007()
    {
        var client = await _gateway.JoinAsync(5, 7);

        await client.SendAsync(ClientFrame.Binary((byte)':', 0xC3));

        Assert.Equal(1007, client.Transport.Close?.Code);
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

    [Fact]
    public async Task Receive_FragmentedBroadcast_ArrivesAsOneFrame()
    {
        var client = await _gateway.JoinAsync(5, 7);
        var text = new string('ö', 200);

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.UTF8.GetBytes(":" + text), 2, 3, 100));

        Assert.Equal(text, await client.Transport.TextAsync());
    }

    // The buffer a message lies in is used again for the next one.
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

    [Fact]
    public async Task Receive_ControlFramesBetweenFragments_AreAnsweredAtOnce()
    {
        var client = _gateway.Connect();
        var fragments = ClientFrame.Fragments(Opcode.Text, "token"u8.ToArray(), 2).ToArray();

        await client.SendAsync(fragments[0], InMemoryClient.Ping("between"));

        Assert.Equal(["pong between"], Transcript(client));
    }

    [Fact]
    public async Task Receive_ANewMessageWithinAFragmentedOne_ClosesWith1002()
    {
        var client = _gateway.Connect();
        var fragments = ClientFrame.Fragments(Opcode.Text, "token"u8.ToArray(), 2).ToArray();

        await client.SendAsync(fragments[0], ClientFrame.Text("token"));

        Assert.Equal(1002, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Receive_AContinuationBehindAWholeMessage_ClosesWith1002()
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Text("token"), new ClientFrame(Opcode.Continuation, "x"u8.ToArray()));

        Assert.Equal(1002, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Receive_UnfinishedFragmentsOfInvalidUtf8_AreJudgedWhenWhole()
    {
        var client = _gateway.Connect();
        var fragments = ClientFrame.Fragments(Opcode.Text, new byte[] { (byte)'x', 0xE2, 0x82, 0xAC }, 2, 3).ToArray();

        await client.SendAsync(fragments);

        Assert.True(client.Connection.IsIdentified);
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

    // One byte of a message that may have a megabyte: a client must not make the node reserve more than it sends.
    [Fact]
    public async Task Receive_AShortFragment_ReservesNoMoreThanItHolds()
    {
        _gateway.Connections.MaxMessageBytes = 1024 * 1024;
        var client = await _gateway.EnterAsync();
        var fragment = InMemoryClient.Bytes(new ClientFrame(Opcode.Text, new byte[] { (byte)':' }) { Fin = false });
        var before = GC.GetAllocatedBytesForCurrentThread();

        client.Connection.Receive(fragment);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public async Task Receive_MessagesOneByOneUnderTheLimit_DoNotAddUp()
    {
        var client = await _gateway.JoinAsync(5, 7);
        var text = new string('x', 500);

        for (var i = 0; i < 4; i++)
        {
            await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.UTF8.GetBytes(":" + text), 250));
        }

        Assert.Equal([text, text, text, text], await client.Transport.TextsAsync(4));
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
    public async Task Receive_PongsNobodyAskedFor_AreIgnored()
    {
        var client = _gateway.Connect();

        await client.SendAsync(new ClientFrame(Opcode.Pong, new byte[125]), new ClientFrame(Opcode.Pong, Array.Empty<byte>()));

        Assert.Empty(client.Transport.Sent);
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
