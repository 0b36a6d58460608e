using Direct.Collections;

namespace Direct.Hosting.Tests.Collections;

public sealed class RetiringDictionaryTests
{
    private readonly RetiringDictionary<int, Room> _rooms = new(static _ => new Room());

    [Fact]
    public void Replace_RetiredIsStillThere_ReturnsANewOne()
    {
        var retired = _rooms.GetOrAdd(1);

        var next = _rooms.Replace(1, retired);

        Assert.NotSame(retired, next);
        Assert.Same(next, _rooms.GetOrAdd(1));
    }

    [Fact]
    public void Replace_AnotherHasFollowed_ReturnsThat()
    {
        var retired = _rooms.GetOrAdd(1);
        var next = _rooms.Replace(1, retired);

        Assert.Same(next, _rooms.Replace(1, retired));
    }

    [Fact]
    public void Remove_AnotherHasFollowed_KeepsThat()
    {
        var retired = _rooms.GetOrAdd(1);
        var next = _rooms.Replace(1, retired);

        _rooms.Remove(1, retired);

        Assert.Same(next, _rooms.GetOrAdd(1));
    }

    [Fact]
    public void Remove_NoneHasFollowed_TakesNoMemory()
    {
        _rooms.Remove(1, _rooms.GetOrAdd(1));

        Assert.Empty(_rooms);
    }

    /// <summary>
    /// Tests a room that several threads join and leave. If one thread removed the room that another has just joined, each would be in a separate
    /// room.
    /// </summary>
    [Fact]
    public async Task Replace_ManyThreadsJoinAndLeave_AllWhoAreInAreInOneRoom()
    {
        const int Rounds = 20_000;
        var misses = 0;
        void JoinAndLeave()
        {
            for (var round = 0; round < Rounds; round++)
            {
                var room = _rooms.GetOrAdd(1);
                while (!room.TryJoin())
                {
                    room = _rooms.Replace(1, room);
                }

                if (_rooms.GetOrAdd(1) != room)
                {
                    Interlocked.Increment(ref misses);
                }

                if (room.Leave())
                {
                    _rooms.Remove(1, room);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(JoinAndLeave)));

        Assert.Equal(0, misses);
        Assert.Empty(_rooms);
    }

    private sealed class Room
    {
        private readonly Lock _gate = new();
        private int _members;
        private bool _isRetired;

        public bool TryJoin()
        {
            lock (_gate)
            {
                _members += _isRetired ? 0 : 1;
                return !_isRetired;
            }
        }

        /// <summary>Removes a member. Returns true when it was the last one, and the room has retired.</summary>
        public bool Leave()
        {
            lock (_gate)
            {
                return _isRetired = --_members == 0;
            }
        }
    }
}
