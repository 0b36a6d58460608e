using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Protocol;

namespace Direct.Benchmarks;

/// <summary>Measures frames that wait for a connection whose socket is full, and are sent when it has room.</summary>
[MemoryDiagnoser]
public class QueueDrain
{
    private const int PayloadBytes = 64;

    private byte[] _frame = [];
    private Room _room = null!;

    [Params(1, 64, 1_000)]
    public int Frames { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _frame = new byte[FrameWriter.FrameBytes(PayloadBytes)];
        FrameWriter.Write(_frame, Opcode.Text, ClientFrames.Payload(PayloadBytes));
        _room = new Room(1);
    }

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    [Benchmark]
    public void SendAndDrain()
    {
        var socket = _room[0];
        socket.IsFull = true;
        for (var i = 0; i < Frames; i++)
        {
            socket.Connection.Send(_frame);
        }

        socket.Open();
        _room.Expect(Frames * _frame.Length);
        _room.AwaitDrained();
    }
}
