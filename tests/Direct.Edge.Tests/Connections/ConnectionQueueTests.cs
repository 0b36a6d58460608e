using System.Text;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionQueueTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    // With any size of partial writes the rest follows, and no later frame overtakes it.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Send_TransportThatTakesAFewBytesAtATime_KeepsEveryByteInOrder(int bytesAtATime)
    {
        var client = _gateway.Connect(new FakeTransport { Room = bytesAtATime });
        var texts = Enumerable.Range(0, 50).Select(i => $"{i} {new string('x', i)}").ToArray();
        foreach (var text in texts)
        {
            client.Connection.Send(Frame(text));
            client.Transport.Open(bytesAtATime);
        }

        client.Transport.Open();

        Assert.Equal(texts, client.Transport.Texts);
    }

    [Fact]
    public void Send_WhileSomethingWaits_DoesNotAskTheTransport()
    {
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(Frame("first"));
        var sends = client.Transport.Sends;

        client.Connection.Send(Frame("second"));

        Assert.Equal(sends, client.Transport.Sends);
    }

    [Fact]
    public void OnWritable_MuchWaiting_HandsItOverInPieces()
    {
        _gateway.Connections.QueueBytes = 1024 * 1024;
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        var texts = Enumerable.Range(0, 300).Select(i => $"{i} {new string('x', 1000)}").ToArray();
        Array.ForEach(texts, text => client.Connection.Send(Frame(text)));

        client.Transport.Open();

        Assert.Equal(texts, client.Transport.Texts);
    }

    [Fact]
    public void Send_QueueExactlyFull_IsQueued()
    {
        _gateway.Connections.QueueBytes = 1000;
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[600]);

        Assert.Equal(EnqueueResult.Queued, client.Connection.Send(new byte[400]));
    }

    [Fact]
    public void Send_OneByteMoreThanTheQueueHolds_Overflows()
    {
        _gateway.Connections.QueueBytes = 1000;
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[600]);

        Assert.Equal(EnqueueResult.Overflow, client.Connection.Send(new byte[401]));
    }

    [Fact]
    public void Send_AfterAnOverflow_IsClosed()
    {
        _gateway.Connections.QueueBytes = 1000;
        var client = _gateway.Connect(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[1001]);

        Assert.Equal(
            (EnqueueResult.Closed, CloseReason.SlowConsumer),
            (client.Connection.Send(new byte[1]), client.Connection.CloseReason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(500)]
    public void Send_Overflow_WhatWaitedAndTheCloseFrameComeOutIntactInOrder(int taken)
    {
        _gateway.Connections.QueueBytes = 1000;
        var client = _gateway.Connect(new FakeTransport { Room = taken });
        var texts = new List<string>();
        while (client.Connection.Send(Frame($"{texts.Count} {new string('x', 50)}")) is EnqueueResult.Queued)
        {
            texts.Add($"{texts.Count} {new string('x', 50)}");
        }

        client.Transport.Open();

        Assert.Equal(
            (string.Join('|', texts), CloseReason.SlowConsumer.Code, true),
            (string.Join('|', client.Transport.Texts), client.Transport.Close!.Value.Code, client.Transport.Frames[^1].IsClose));
    }

    [Fact]
    public async Task Send_OverflowInARoom_ClosesThatMemberAloneAndTheOthersGetEverything()
    {
        _gateway.Connections.QueueBytes = 128 * 1024;
        var slow = await _gateway.JoinAsync(5, 7, new FakeTransport { Room = 0 });
        var others = new[] { await _gateway.JoinAsync(5, 7), await _gateway.JoinAsync(5, 7) };
        var text = new string('x', 1000);

        for (var i = 0; i < 400; i++)
        {
            _gateway.Signal(5, 7, 0, text);
        }

        foreach (var other in others)
        {
            Assert.Equal((400, null), ((await other.Transport.TextsAsync(400)).Length, other.Connection.CloseReason));
        }

        await Deadline.UntilAsync("the slow member's close", () => slow.Connection.CloseReason is not null);
        Assert.Equal(CloseReason.SlowConsumer, slow.Connection.CloseReason);
    }

    // An overflow of a signal to a user occurs inside the lock of that topic, and leaving the topic takes that lock again.
    [Fact]
    public async Task Send_OverflowOfASignalToAUser_TakesTheConnectionOut()
    {
        _gateway.Connections.QueueBytes = 1000;
        var slow = await _gateway.EnterAsync(new FakeTransport { Room = 0 });

        var delivered = _gateway.Signal(0, 0, slow.Connection.UserId, new string('x', 2000));

        Assert.Equal(0, delivered);
        await Deadline.UntilAsync("nobody left", () => _gateway.Index.TopicCount == 0, actual: () => $"{_gateway.Index.TopicCount} topics");
    }

    // Many senders use a transport that accepts random numbers of bytes and becomes writable at random times on another thread.
    [Fact]
    public async Task Send_FromManyThreadsToAFickleTransport_KeepsFramesWholeAndEachSendersOrder()
    {
        const int Senders = 4, Messages = 2_000;
        _gateway.Connections.QueueBytes = 64 * 1024 * 1024;
        var client = _gateway.Connect(new FakeTransport { Room = 0 });

        var sending = Threads.RunAsync(Senders, sender =>
        {
            for (var i = 0; i < Messages; i++)
            {
                client.Connection.Send(Frame($"{sender}:{i}"));
            }
        });
        var random = new Random(3);
        while (!sending.IsCompleted)
        {
            client.Transport.Open(random.Next(0, 40));
        }

        await sending;
        client.Transport.Open();

        foreach (var sender in Enumerable.Range(0, Senders))
        {
            Assert.Equal(
                Enumerable.Range(0, Messages).Select(i => $"{sender}:{i}"),
                client.Transport.Texts.Where(text => text.StartsWith($"{sender}:", StringComparison.Ordinal)));
        }
    }

    private static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[FrameWriter.FrameBytes(payload.Length)];
        FrameWriter.Write(frame, Opcode.Text, payload);
        return frame;
    }
}
