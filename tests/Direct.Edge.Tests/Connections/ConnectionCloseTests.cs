using Direct.Edge.Connections;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionCloseTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void BeginClose_ClosingAlready_TheFirstReasonWins()
    {
        var client = _gateway.Connect();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        client.Connection.BeginClose(CloseReason.UserBlocked);

        Assert.Equal(
            (CloseReason.GatewayDraining, 4001),
            (client.Connection.CloseReason, Assert.Single(client.Transport.Frames).Status.Code));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(4002)]
    [InlineData(4999)]
    public async Task Receive_Close_IsEchoedWithItsCode(int code)
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Close(code, "some reason"));

        Assert.Equal((code, CloseReason.ClientClosed), (client.Transport.Close?.Code, client.Connection.CloseReason));
    }

    [Fact]
    public async Task Receive_CloseWithoutCode_IsEchoedWithoutCode()
    {
        var client = _gateway.Connect();

        await client.SendAsync(new ClientFrame(Opcode.Close, Array.Empty<byte>()));

        Assert.Empty(Assert.Single(client.Transport.Frames).Payload);
    }

    [Fact]
    public async Task Receive_FramesBehindAClose_AreIgnored()
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Close(1000), InMemoryClient.Ping(""), ClientFrame.Close(1001), ClientFrame.Text("x"));

        Assert.Equal(1000, Assert.Single(client.Transport.Frames).Status.Code);
    }

    [Fact]
    public async Task Receive_TheAnswerToOurClose_EndsItWithOurReason()
    {
        var client = _gateway.Connect();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        await client.CloseAsync();

        Assert.Equal(
            (true, CloseReason.GatewayDraining, 1),
            (client.Connection.IsFinished, client.Connection.CloseReason, client.Transport.Frames.Count));
    }

    [Fact]
    public async Task Receive_AnythingAfterOurClose_IsThrownAway()
    {
        var member = await _gateway.JoinAsync(5, 7);
        var client = await _gateway.JoinAsync(5, 7);
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        await client.SendAsync(ClientFrame.Text(":lost"), InMemoryClient.Ping("lost"), ClientFrame.Text("nonsense"));
        _gateway.Signal(5, 7, 0, "after");

        Assert.Equal(("after", 1), (await member.Transport.TextAsync(), client.Transport.Frames.Count));
    }

    [Fact]
    public async Task Receive_ATokenAfterOurClose_CountsForNothing()
    {
        var client = _gateway.Connect();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        await client.EnterAsync();

        Assert.Equal((false, 0), (client.Connection.IsIdentified, _gateway.Index.TopicCount));
    }

    [Fact]
    public async Task Receive_Close_LeavesEveryTopicAtOnce()
    {
        var client = await _gateway.JoinAsync(5, 7);

        await client.SendAsync(ClientFrame.Close(1000));

        Assert.Equal((0, 0), (_gateway.Index.TopicCount, _gateway.Signal(0, 0, 0, "anyone")));
    }

    [Fact]
    public async Task EndAsync_WithoutACloseFrame_IsConnectionLost()
    {
        var client = await _gateway.JoinAsync(5, 7);

        await client.LoseAsync();

        Assert.Equal(
            (CloseReason.ConnectionLost, 0, 0),
            (client.Connection.CloseReason, _gateway.Index.TopicCount, client.Transport.Sent.Length));
    }

    [Fact]
    public async Task EndAsync_LostWithMuchWaiting_DoesNotWaitForIt()
    {
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[1000]);

        await Deadline.RunAsync("the end", token => new ValueTask(client.LoseAsync().WaitAsync(token)));

        Assert.Equal(0, _gateway.Registry.Count);
    }

    [Fact]
    public async Task EndAsync_MuchWaitingBehindAGoodbye_CompletesOnceItIsSent()
    {
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[] { 0x81, 1, (byte)'x' });
        await client.SendAsync(ClientFrame.Close(1000));
        Assert.False(client.Ending!.IsCompleted);

        client.Transport.Open();

        await client.EndedAsync();
        Assert.Equal(("x", 1000), (Assert.Single(client.Transport.Texts), client.Transport.Close?.Code));
    }

    // Regression test: the close timeout dropped TCP after the loop had checked the socket and before it waited for the remaining bytes. No later
    // event ended that wait, so it never completed.
    [Fact]
    public async Task EndAsync_BegunWhenTheCloseTimeoutHasDroppedTheRest_WaitsForNothing()
    {
        var client = _gateway.Connect(new FakeTransport { Room = 0, IsSilentAfterAbort = true });
        client.Connection.BeginClose(CloseReason.GatewayDraining);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(5.1));

        await Deadline.RunAsync("the end", token => new ValueTask(client.Connection.EndAsync().WaitAsync(token)));

        Assert.Equal((1, 0), (client.Transport.Aborts, _gateway.Registry.Count));
    }

    [Fact]
    public void BeginClose_ClientThatNeverAnswers_IsDroppedAfterTheCloseTimeout()
    {
        var client = _gateway.Connect();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        _gateway.Clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, client.Transport.Aborts);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(1, client.Transport.Aborts);
    }

    [Fact]
    public async Task BeginClose_ClientThatTalksOn_IsDroppedAfterTheCloseTimeoutAllTheSame()
    {
        var client = await _gateway.EnterAsync();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        for (var i = 0; i < 51; i++)
        {
            await client.SendAsync(InMemoryClient.Ping("still here"));
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(1, client.Transport.Aborts);
    }

    [Fact]
    public async Task EndAsync_AnswerInTheLastMoment_DoesNotMakeTheTimeoutLonger()
    {
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.BeginClose(CloseReason.GatewayDraining);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(4.9));
        await client.SendAsync(ClientFrame.Close(4001));

        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.2));

        await client.EndedAsync();
        Assert.Equal(1, client.Transport.Aborts);
    }

    [Fact]
    public async Task EndAsync_EveryWayToEnd_ForgetsTheConnection()
    {
        var clients = new[] { await _gateway.JoinAsync(1, 2), await _gateway.EnterAsync(), _gateway.Connect(), await _gateway.JoinAsync(3, 4) };
        clients[3].Connection.BeginClose(CloseReason.GatewayDraining);

        await clients[0].CloseAsync();
        await clients[1].LoseAsync();
        await clients[2].CloseAsync();
        await clients[3].CloseAsync();

        Assert.Equal(
            (0, 0, 0, 0),
            (_gateway.Registry.Count, _gateway.Admission.Connections, _gateway.Admission.Unauthenticated, _gateway.Index.TopicCount));
    }

    [Fact]
    public async Task EndAsync_Ended_HasNoDeadlineLeft()
    {
        var client = await _gateway.EnterAsync();
        await client.CloseAsync();
        var sent = client.Transport.Sent.Length;

        _gateway.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal((sent, 0), (client.Transport.Sent.Length, client.Transport.Aborts));
    }

    [Theory]
    [InlineData(600)]
    [InlineData(100_000)]
    public async Task Receive_TheAnswerBehindAMessageThatIsTooBig_EndsTheConnection(int bytes)
    {
        var client = _gateway.Connect();
        var all = InMemoryClient.Bytes([new ClientFrame(Opcode.Text, new byte[bytes]), ClientFrame.Text("more"), ClientFrame.Close(1009)]);

        foreach (var piece in all.Chunk(4096))
        {
            await client.SendAsync(piece);
        }

        await client.EndedAsync();
        Assert.Equal((true, CloseReason.MessageTooBig), (client.Connection.IsFinished, client.Connection.CloseReason));
    }

    [Fact]
    public async Task Receive_TheAnswerBehindAFrameThatIsIllegal_EndsTheConnection()
    {
        var client = _gateway.Connect();

        await client.SendAsync(ClientFrame.Text("x") with { Masked = false }, ClientFrame.Close(1002));

        await client.EndedAsync();
        Assert.Equal((true, CloseReason.ProtocolError), (client.Connection.IsFinished, client.Connection.CloseReason));
    }

    // The receipt of a signal has counted the member, so the messages that the drainer of the room has not sent yet must be sent before the close frame.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_WhileTheRoomIsBehind_SendsWhatWasSaidAndThenTheCloseFrame(bool isByClient)
    {
        using var gate = new Gate();
        var places = _gateway.Index.Add(new RecordingRecipient(99, 5, 7) { OnSend = gate.Pass });
        var client = await _gateway.JoinAsync(5, 7);
        _gateway.Signal(5, 7, 0, "first");
        await gate.ReachedAsync("the room's drainer");
        _gateway.Signal(5, 7, 0, "second");

        await (isByClient ? client.SendAsync(ClientFrame.Close(1000)) : CloseAsync(client.Connection));
        Assert.Equal((0, 0), (client.Transport.Sent.Length, client.Ending?.IsCompleted == true ? 1 : 0));
        _gateway.Signal(5, 7, 0, "after");
        gate.Open();

        await Deadline.UntilAsync("the close frame", () => client.Transport.Close is not null);
        Assert.Equal((isByClient ? 1000 : 4001, "first|second"), (client.Transport.Close!.Value.Code, string.Join('|', client.Transport.Texts)));
        await client.SendAsync(ClientFrame.Close(1000));
        await client.EndedAsync();
        _gateway.Index.Remove(new RecordingRecipient(99, 5, 7), places);
    }

    [Fact]
    public async Task Closing_WhileTheRoomIsBehindForEver_IsDroppedAfterTheCloseTimeout()
    {
        using var gate = new Gate();
        var places = _gateway.Index.Add(new RecordingRecipient(99, 5, 7) { OnSend = gate.Pass });
        var client = await _gateway.JoinAsync(5, 7);
        _gateway.Signal(5, 7, 0, "first");
        await gate.ReachedAsync("the room's drainer");
        await client.SendAsync(ClientFrame.Close(1000));

        _gateway.Clock.Advance(TimeSpan.FromSeconds(5.1));

        await client.EndedAsync();
        Assert.Equal((1, 0), (client.Transport.Aborts, _gateway.Registry.Count));
        gate.Open();
        _gateway.Index.Remove(new RecordingRecipient(99, 5, 7), places);
    }

    // Only the close frame of a slow consumer is sent at once, because there is no space for more messages.
    [Fact]
    public async Task Closing_SlowWhileTheRoomIsBehind_SendsTheCloseFrameAtOnce()
    {
        _gateway.Connections.QueueBytes = 100;
        using var gate = new Gate();
        var places = _gateway.Index.Add(new RecordingRecipient(99, 5, 7) { OnSend = gate.Pass });
        var client = await _gateway.JoinAsync(5, 7);
        _gateway.Signal(5, 7, 0, "first");
        await gate.ReachedAsync("the room's drainer");

        client.Connection.Send(new byte[101]);

        Assert.Equal(4002, client.Transport.Close?.Code);
        gate.Open();
        _gateway.Index.Remove(new RecordingRecipient(99, 5, 7), places);
    }

    // The client closes, the node closes and the queue overflows at once while the room is busy. The result is one close frame after whole frames.
    [Fact]
    public async Task Closing_FromAllSidesAtOnce_EndsInOneCloseFrameAndLeavesNothing()
    {
        for (var round = 0; round < 150; round++)
        {
            var client = await _gateway.JoinAsync(5, 7);
            var sender = await _gateway.JoinAsync(5, 7);

            await Threads.RunAsync(
                () => client.SendAsync(ClientFrame.Text("6,8"), ClientFrame.Close(1000)),
                () => CloseAsync(client.Connection),
                () => sender.SendAsync(Enumerable.Range(0, 20).Select(i => ClientFrame.Text($":{i}"))));
            await client.EndedAsync();
            await sender.CloseAsync();

            Assert.Single(client.Transport.Frames, frame => frame.IsClose);
        }

        await Deadline.UntilAsync("nobody left", () => _gateway.Index.TopicCount == 0, actual: () => $"{_gateway.Index.TopicCount} topics");
        Assert.Equal((0, 0), (_gateway.Admission.Connections, _gateway.Admission.Unauthenticated));
    }

    private static Task CloseAsync(Connection connection)
    {
        connection.BeginClose(CloseReason.GatewayDraining);
        return Task.CompletedTask;
    }
}
