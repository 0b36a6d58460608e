using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;

namespace Direct.Benchmarks;

/// <summary>Measures what a right that is cached adds to a broadcast. A <c>say</c> of direct.2 finds its right in the same way.</summary>
[MemoryDiagnoser]
public class CachedRights
{
    private const int PayloadBytes = 64;
    private const int OthersCached = 10_000;

    private readonly byte[] _input = ClientFrames.Broadcast(PayloadBytes);
    private RightsKey _key;
    private Room _room = null!;

    [Params(false, true)]
    public bool HasRights { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _room = new Room(members: 1, HasRights);
        if (_room.Rights.IsOpen == HasRights)
        {
            throw new InvalidOperationException("The node has not the mode of rights that is to be measured.");
        }

        _key = new RightsKey(_room.Sender.UserId, Room.Group, Room.Channel);
        for (var user = 2; user < OthersCached; user++)
        {
            _room.Rights.FindAsync(new RightsKey(user, Room.Group, Room.Channel)).AsTask().Wait();
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    [Benchmark]
    public int Find()
    {
        var finding = _room.Rights.FindAsync(_key);
        return finding.IsCompletedSuccessfully && finding.Result.CanWrite ? 1 : 0;
    }

    [Benchmark]
    public void Broadcast()
    {
        _room.Expect(FrameWriter.FrameBytes(PayloadBytes));
        _room.Sender.Receive(_input);
        _room.AwaitDrained();
    }
}
