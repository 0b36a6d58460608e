using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Protocol;

namespace Direct.Benchmarks;

/// <summary>Measures messages that wait for a busy room and are sent in one batch.</summary>
[MemoryDiagnoser]
public class BatchEncoding
{
    private const int PayloadBytes = 64;
    private const int Members = 10;

    private static readonly int FrameBytes = FrameWriter.FrameBytes(PayloadBytes);

    private readonly byte[] _payload = ClientFrames.Payload(PayloadBytes);
    private byte[] _buffer = [];
    private byte[] _input = [];
    private Room _room = null!;

    [Params(1, 64, 512)]
    public int Messages { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _buffer = new byte[Messages * FrameBytes];
        _input = ClientFrames.Repeated(ClientFrames.Broadcast(PayloadBytes), Messages);
        _room = new Room(Members);
    }

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    /// <summary>Encodes only the frames.</summary>
    [Benchmark]
    public int Write()
    {
        var written = 0;
        for (var i = 0; i < Messages; i++)
        {
            written += FrameWriter.Write(_buffer.AsSpan(written), Opcode.Text, _payload);
        }

        return written;
    }

    /// <summary>Measures from a sender's bytes to ten sockets, after one message whose sending is held until all others wait.</summary>
    [Benchmark]
    public void Drain()
    {
        var first = _room[0];
        first.Hold();
        _room.Expect(FrameBytes);
        _room.Publish(_payload);
        first.AwaitHolding(_room.ExpectedBytes);

        _room.Expect(Messages * FrameBytes);
        _room.Sender.Receive(_input);
        first.Release();
        _room.AwaitDrained();
    }
}
