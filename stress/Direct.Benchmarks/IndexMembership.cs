using BenchmarkDotNet.Attributes;
using Direct.Benchmarks.Fakes;
using Direct.Edge.Topics;

namespace Direct.Benchmarks;

/// <summary>Measures connections that join, leave and change rooms without messages.</summary>
[MemoryDiagnoser]
public class IndexMembership
{
    private readonly Visitor _visitor = new(-1);
    private readonly Visitor _walker = new(-2);
    private Room _room = null!;
    private TopicIndex.TopicMemberships _memberships;

    /// <summary>Gets or sets the number of members in the room; the cost of joining and leaving must not depend on it.</summary>
    [Params(1, 1_000)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _room = new Room(Members);
        _memberships = _room.Index.Add(_walker);
    }

    [GlobalCleanup]
    public void Cleanup() => _room.Dispose();

    /// <summary>Adds a connection when it has given its token, and removes it at its end.</summary>
    [Benchmark]
    public void EnterAndExit()
    {
        var places = _room.Index.Add(_visitor);
        _room.Index.Remove(_visitor, places);
    }

    /// <summary>Moves a connection into the room and back to the lobby.</summary>
    [Benchmark]
    public void JoinAndLeave()
    {
        (_walker.GroupId, _walker.ChannelId) = (Room.Group, Room.Channel);
        _memberships = _room.Index.Move(_walker, _memberships);
        (_walker.GroupId, _walker.ChannelId) = (0, 0);
        _memberships = _room.Index.Move(_walker, _memberships);
    }

    private sealed class Visitor(long userId) : IRecipient
    {
        public long UserId { get; } = userId;

        public long GroupId { get; set; }

        public long ChannelId { get; set; }

        public EnqueueResult Send(ReadOnlySpan<byte> frames) => EnqueueResult.Queued;
    }
}
