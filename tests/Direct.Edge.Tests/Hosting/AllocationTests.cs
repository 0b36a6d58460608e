using System.Net;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Protocol;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Hosting;

/// <summary>Tests the allocation limits of hot paths. It runs alone, because some of the work is done on other threads.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IDisposable
{
    private static readonly ClientAddress Nowhere = new("", IPAddress.None);

    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void Publish_ToARoomOfAHundred_AllocatesNothingPerDelivery()
    {
        const int Members = 100, Messages = 500;
        var log = new TopicLog(Topic.Room(1, 2), new TopicLogSettings(int.MaxValue, MayRetire: true, _ => { }, _gateway.Metrics, _gateway.Gate));
        var recipients = Enumerable.Range(0, Members).Select(_ => new CountingRecipient()).ToArray();
        Array.ForEach(recipients, recipient => log.TryJoin(new Membership(recipient)));
        var payload = new byte[200];
        var sent = 0;

        var perMessage = LeastBytes(Messages, () =>
        {
            log.Publish(payload);
            sent++;
            Assert.True(SpinWait.SpinUntil(() => recipients[^1].Sends == sent, Deadline.Default));
        });

        // Messages that arrive one by one cost one batch each; 400 bytes would be 4 bytes per delivery.
        Assert.InRange(perMessage, 0, 400);
    }

    [Fact]
    public void Send_ToATransportWithRoom_AllocatesNothing()
    {
        var connection = _gateway.Hub.Open(new ForgetfulTransport(), Nowhere);
        var frame = Frame("hello");

        Assert.Equal(0, BytesOnThisThread(() => connection.Send(frame)));
    }

    [Fact]
    public async Task Publish_ToAUser_AllocatesNothing()
    {
        var client = new InMemoryClient(_gateway.Hub.Open(new ForgetfulTransport(), Nowhere), new FakeTransport());
        await client.EnterAsync();
        var target = new Target(0, 0, client.Connection.UserId);
        var payload = new byte[200];
        _gateway.Meters.Dispose();

        Assert.Equal(0, BytesOnThisThread(() => _gateway.Index.Publish(Topic.For(target), target, payload)));
    }

    [Theory]
    [InlineData(nameof(KeepRole.None))]
    [InlineData(nameof(KeepRole.Leader))] // no connection speaks direct.2, so nothing is numbered or kept
    [InlineData(nameof(KeepRole.Keeper))]
    public async Task Deliver_ASignalThatIsNotTraced_AllocatesNothing(string role)
    {
        _gateway.Keep.Role = Enum.Parse<KeepRole>(role);
        var client = new InMemoryClient(_gateway.Hub.Open(new ForgetfulTransport(), Nowhere), new FakeTransport());
        await client.EnterAsync();
        var target = new Target(0, 0, client.Connection.UserId);
        var signals = new[] { new Signal(Topic.For(target), target, new byte[200]) };
        var deliveries = new Delivery[1];
        var sink = new TopicFanOut(_gateway.Kept, _gateway.Index, new IdempotencyCache(Options.Create(_gateway.Idempotency), _gateway.Clock), _gateway.Watches);
        _gateway.Meters.Dispose();

        Assert.Equal(0, BytesOnThisThread(() => sink.Deliver(signals, deliveries)));
        Assert.Equal(1, deliveries[0].Connections);
    }

    [Fact]
    public async Task Receive_PingsAndPongs_AllocatesNothing()
    {
        var client = new InMemoryClient(_gateway.Hub.Open(new ForgetfulTransport(), Nowhere), new FakeTransport());
        await client.EnterAsync();
        var pong = new ClientFrame(Direct.Testing.WebSockets.Opcode.Pong, Array.Empty<byte>());
        var bytes = InMemoryClient.Bytes(InMemoryClient.Ping("hello"), pong);

        Assert.Equal(0, BytesOnThisThread(() => client.Connection.Receive(bytes)));
    }

    // A message of direct.2 that waits for nothing is not copied.
    [Fact]
    public async Task Receive_ALineThatWaitsForNothing_AllocatesNothing()
    {
        var client = new InMemoryClient(_gateway.Hub.Open(new ForgetfulTransport(), Nowhere, speaksDirect2: true), new FakeTransport());
        await client.SendTextAsync("auth token");
        var bytes = InMemoryClient.Bytes(ClientFrame.Text("leave 9,9 #a"));
        _gateway.Meters.Dispose();

        Assert.Equal(0, BytesOnThisThread(() => client.Connection.Receive(bytes)));
    }

    [Fact]
    public void Parse_FramesAndCommands_AllocatesNothing()
    {
        var bytes = ClientFrame.Text("123456,-654321").Encode();
        var payload = new byte[14];
        long group = 0;

        Assert.Equal(0, BytesOnThisThread(() =>
        {
            FrameReader.TryRead(bytes, 512, out var frame, out _, out _);
            frame.CopyPayloadTo(payload);
            group = Command.Parse(payload).Group;
        }));
        Assert.Equal(123456, group);
    }

    [Fact]
    public void Schedule_AnyDeadline_AllocatesNothing()
    {
        var wheel = _gateway.Wheel;
        var entry = new Entry();

        Assert.Equal(0, BytesOnThisThread(() => wheel.Schedule(entry, wheel.NowMs + 1_000)));
    }

    private static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[FrameWriter.FrameBytes(payload.Length)];
        FrameWriter.Write(frame, Edge.Protocol.Opcode.Text, payload);
        return frame;
    }

    // The first rounds are not measured, because they include one-time allocations.
    private static long BytesOnThisThread(Action action)
    {
        for (var i = 0; i < 100; i++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // Returns the bytes per round on all threads. It uses the lowest of several measurements, because the runtime allocates too.
    private static double LeastBytes(int rounds, Action action)
    {
        var least = double.MaxValue;
        for (var measurement = 0; measurement < 6; measurement++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < rounds; i++)
            {
                action();
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)rounds);
        }

        return least;
    }

    private sealed class CountingRecipient : IRecipient
    {
        private int _sends;

        public long UserId => 0;

        public long GroupId => 1;

        public long ChannelId => 2;

        public int Sends => Volatile.Read(ref _sends);

        public EnqueueResult Send(ReadOnlySpan<byte> frames)
        {
            Interlocked.Increment(ref _sends);
            return EnqueueResult.Queued;
        }
    }

    private sealed class ForgetfulTransport : ITransportConnection
    {
        public void Attach(Connection connection)
        {
        }

        public int TrySend(ReadOnlySpan<byte> bytes) => bytes.Length;

        public void Abort()
        {
        }
    }

    private sealed class Entry : DeadlineWheel.Entry
    {
        internal override void OnDue(long nowMs)
        {
        }
    }
}
