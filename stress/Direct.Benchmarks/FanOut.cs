using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Protocol;

namespace Direct.Benchmarks;

/// <summary>Measures one message to a room, up to the last member's socket.</summary>
[MemoryDiagnoser]
public class FanOut
{
    private const int PayloadBytes = 64;

    private readonly byte[] _payload = ClientFrames.Payload(PayloadBytes);
    private readonly byte[] _input = ClientFrames.Broadcast(PayloadBytes);
    private Room _room = null!;

    [Params(1, 100, 1_000)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup() => _room = new Room(Members);

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    /// <summary>Delivers a backend's signal, from the look-up in the index on.</summary>
    [Benchmark]
    public void Signal()
    {
        _room.Expect(FrameWriter.FrameBytes(PayloadBytes));
        _room.Publish(_payload);
        _room.AwaitDrained();
    }

    /// <summary>Delivers a member's broadcast, from the bytes of its frame on.</summary>
    [Benchmark]
    public void Broadcast()
    {
        _room.Expect(FrameWriter.FrameBytes(PayloadBytes));
        _room.Sender.Receive(_input);
        _room.AwaitDrained();
    }
}
