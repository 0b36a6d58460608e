using System.Text;
using Direct.Edge.Connections;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Connections;

public sealed class LoadSheddingTests : IDisposable
{
    private const int Budget = 64 * 1024;

    private readonly TestGateway _gateway = new(Budget);
    private readonly LoadShedding _shedding;

    public LoadSheddingTests() => _shedding = new LoadShedding(
        _gateway.Registry, _gateway.Queues, _gateway.Watch, _gateway.Metrics, _gateway.Clock, _gateway.Logger.For<LoadShedding>());

    public void Dispose()
    {
        _shedding.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task Connections_WhatWaitsAndIsReadOrLost_IsCountedAndGivenBack()
    {
        var (late, lost) = (Slow(), Slow());
        late.Connection.Send(Frame(10_000));
        lost.Connection.Send(Frame(10_000));
        Assert.Equal((32_768L, 16_384L), (_gateway.Queues.Connections.Bytes, late.Connection.WaitingBytes)); // the size of the buffers, not of their content

        late.Transport.Open();
        Assert.Equal(16_384, _gateway.Queues.Connections.Bytes);

        await lost.LoseAsync();
        Assert.Equal(0, _gateway.Queues.Connections.Bytes);
    }

    // 32 + 8 + 8 + 2 KiB are 50 of 64: over three quarters. Without the largest queue it is less than half.
    [Fact]
    public void Look_OverTheHighMark_ClosesThoseWithTheMostUntilHalfIsLeft()
    {
        var (small, slowest, medium, other) = (Slow(), Slow(), Slow(), Slow());
        small.Connection.Send(Frame(2_000));
        slowest.Connection.Send(Frame(30_000));
        medium.Connection.Send(Frame(8_000));
        other.Connection.Send(Frame(8_000));

        _shedding.Look();

        Assert.Equal(CloseReason.SlowConsumer, slowest.Connection.CloseReason);
        Assert.All([small, medium, other], client => Assert.Null(client.Connection.CloseReason));
        Assert.InRange(_gateway.Queues.Used, 0, Budget / 2);
        Assert.Equal(1, _gateway.Queues.ClosedReaders);
        Assert.Equal(1, _gateway.Meters.Read("direct.gateway.memory.shed", "what=slow_reader"));
    }

    [Fact]
    public void Look_BelowTheHighMark_ClosesNobody()
    {
        var client = Slow();
        client.Connection.Send(Frame(30_000));

        _shedding.Look();

        Assert.Null(client.Connection.CloseReason);
    }

    // The client has received part of a frame and then reads on. It must receive whole frames followed by the close frame.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    [InlineData(20_003)]
    [InlineData(20_004)]
    [InlineData(20_005)]
    [InlineData(30_000)]
    public void Look_ClientHasAPartOfAFrame_GetsItsRestAndTheCloseFrame(int taken)
    {
        var client = _gateway.Connect(new FakeTransport { Room = taken });
        client.Connection.Send(Frame(20_000));
        client.Connection.Send(Frame(20_000));
        client.Connection.Send(Frame(20_000));
        FillUp(client);

        _shedding.Look();
        client.Transport.Open();

        Assert.Equal(4002, client.Transport.Close?.Code);
        var whole = (taken + 20_003) / 20_004;
        Assert.Equal(whole, client.Transport.Frames.Count(frame => frame.IsText));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20_004)]
    [InlineData(25_000)]
    public void Look_ClientHasReadSomeOfIt_GetsWholeFramesToo(int read)
    {
        var client = Slow();
        for (var i = 0; i < 3; i++)
        {
            client.Connection.Send(Frame(20_000));
        }

        client.Transport.Open(read);
        FillUp(client);

        _shedding.Look();
        client.Transport.Open();

        Assert.Equal(4002, client.Transport.Close?.Code);
        Assert.Equal((read + 20_003) / 20_004, client.Transport.Frames.Count(frame => frame.IsText));
    }

    // Each client has received part of a large frame and reads no more, and the rest of that frame alone exceeds the limit.
    [Fact]
    public async Task Look_StillTooMuchAfterwards_DropsThoseThatTakeNothing()
    {
        var clients = Enumerable.Range(0, 2).Select(_ => _gateway.Connect(new FakeTransport { Room = 10 })).ToArray();
        foreach (var client in clients)
        {
            client.Connection.Send(Frame(30_000));
        }

        _shedding.Look();
        Assert.Equal(0, clients.Sum(client => client.Transport.Aborts));
        _shedding.Look();

        Assert.Equal(1, clients.Sum(client => client.Transport.Aborts));
        Assert.InRange(_gateway.Queues.Used, 0, Budget / 2);
        Assert.Equal(2, _gateway.Queues.ClosedReaders);
        foreach (var client in clients)
        {
            client.Transport.Abort();
            await client.LoseAsync();
        }

        Assert.Equal(0, _gateway.Queues.Used);
    }

    [Fact]
    public void Look_SomethingElseHoldsTheMemory_LeavesThoseThatAreBehindAnEighth()
    {
        var client = Slow();
        client.Connection.Send(Frame(8_000));
        _gateway.Queues.Lanes.Add(Budget);

        _shedding.Look();

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public void Look_HeapOverItsBudget_ClosesSlowReadersDownToAnEighth()
    {
        var (slow, late) = (Slow(), Slow());
        slow.Connection.Send(Frame(16_000));
        late.Connection.Send(Frame(4_000));
        _gateway.HeapBytes = TestGateway.HeapBudget;

        _shedding.Look();

        Assert.Equal((CloseReason.SlowConsumer, null), (slow.Connection.CloseReason, late.Connection.CloseReason));
        Assert.Equal(1, _gateway.Meters.Read("direct.gateway.memory.pressure"));
    }

    // Tests the last guard, for memory that fills faster than slow readers are closed: a connection that would have to queue is closed, and fast ones continue.
    [Fact]
    public void Send_BudgetExceeded_ClosesOnlyWhoWouldWait()
    {
        var (slow, quick) = (Slow(), _gateway.Connect());
        _gateway.Queues.Topics.Add(Budget + (Budget / 8));

        Assert.Equal(EnqueueResult.Overflow, slow.Connection.Send(Frame(100)));
        Assert.Equal(EnqueueResult.Queued, quick.Connection.Send(Frame(100)));

        slow.Transport.Open();
        Assert.Equal(4002, slow.Transport.Close?.Code);
        Assert.Equal(1, _gateway.Queues.ClosedReaders);
    }

    [Fact]
    public async Task Broadcast_NoMemory_HoldsItsSenderUntilThereIsSome()
    {
        var sender = await _gateway.JoinAsync(1, 2);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        _gateway.Queues.Lanes.Add(Budget);

        var sending = sender.BroadcastAsync("hello");
        Assert.False(sending.IsCompleted);
        _shedding.Look(); // the first check lets it continue at once
        await sending;

        sending = sender.BroadcastAsync("hello");
        var room = _gateway.Queues.ReadyAsync(); // the sender waits for this task, and continues shortly after it
        _shedding.Look();
        Assert.False(room.IsCompleted);
        _gateway.Queues.Lanes.Add(-Budget);
        _shedding.Look();
        await sending;
    }

    [Fact]
    public async Task Broadcast_NoMemoryForLong_IsTakenOnceASecond()
    {
        var sender = await _gateway.JoinAsync(1, 2);
        _gateway.Queues.Lanes.Add(Budget);
        _shedding.Look();
        var sending = sender.BroadcastAsync("hello");
        var room = _gateway.Queues.ReadyAsync(); // the sender waits for this task, and continues shortly after it

        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.9));
        _shedding.Look();
        Assert.False(room.IsCompleted);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.1));
        _shedding.Look();

        await sending;
    }

    [Fact]
    public async Task Topics_WhatWaitsInThem_IsCountedAndGivenBack()
    {
        var slow = await _gateway.JoinAsync(1, 2);
        for (var i = 0; i < 100; i++)
        {
            _gateway.Signal(1, 2, 0, new string('x', 1000));
        }

        await slow.Transport.TextsAsync(100);
        await Deadline.UntilAsync("nothing is counted", () => _gateway.Queues.Topics.Bytes == 0, actual: () => $"{_gateway.Queues.Topics.Bytes} bytes");
    }

    [Fact]
    public void Report_PressureComesAndGoes_IsOneLineEach()
    {
        for (var round = 0; round < 20; round++)
        {
            Slow().Connection.Send(Frame(60_000));
            _shedding.Look();
            _shedding.Look();
        }

        Assert.Single(_gateway.Logger.Entries, entry => entry.Text.Contains("Memory is short", StringComparison.Ordinal));
        _gateway.Queues.Connections.Add(-_gateway.Queues.Connections.Bytes);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(6));
        _shedding.Look();
        _shedding.Look();
        Assert.Single(_gateway.Logger.Entries, entry => entry.Text.Contains("Memory is available again: 20 connections", StringComparison.Ordinal));
    }

    private InMemoryClient Slow() => _gateway.Connect(new FakeTransport { Room = 0 });

    // Adds topic bytes so that they and the waiting bytes of this client reach the high mark.
    private void FillUp(InMemoryClient largest) => _gateway.Queues.Topics.Add(Math.Max(0, (Budget / 4 * 3) - largest.Connection.WaitingBytes));

    private static byte[] Frame(int bytes)
    {
        var frame = new byte[FrameWriter.FrameBytes(bytes)];
        FrameWriter.Write(frame, Opcode.Text, Encoding.ASCII.GetBytes(new string('x', bytes)));
        return frame;
    }
}
