using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;

namespace Direct.Benchmarks;

/// <summary>Measures one message to a room whose messages are kept, up to the last member's socket.</summary>
[MemoryDiagnoser]
public class KeptFanOut
{
    private const int PayloadBytes = 64;

    private readonly byte[] _payload = ClientFrames.Payload(PayloadBytes);
    private Room _room = null!;

    [Params(1, 100, 1_000)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup() => _room = new Room(Members, speaksDirect2: true);

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    /// <summary>Numbers, keeps and delivers a backend's signal.</summary>
    [Benchmark]
    public void Signal()
    {
        _room.Expect(_room.PublishKept(_payload));
        _room.AwaitDrained();
    }
}
