using Direct.Gateway.Cluster;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Cluster;

public sealed class LanePromisesTests
{
    private static readonly Lane Room = new(TopicScope.Room, 5, 7);
    private static readonly Lane OtherRoom = new(TopicScope.Room, 5, 8);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeKeptLanes _kept = new();
    private readonly LanePromises _promises;

    public LanePromisesTests() => _promises = new LanePromises(_time, _kept);

    [Fact]
    public void Enter_LowerBallot_IsRefusedAndLearnsThePromisedOne()
    {
        var promised = BallotOf(2);
        Assert.True(IsAllowed(Room, promised));

        using var entry = _promises.Enter(Room, BallotOf(1));

        Assert.Equal((false, promised), (entry.IsAllowed, entry.Promised));
    }

    [Fact]
    public void Enter_SameBallotAgain_IsAllowed()
    {
        var ballot = BallotOf(1);

        Assert.True(IsAllowed(Room, ballot));
        Assert.True(IsAllowed(Room, ballot));
    }

    /// <summary>Tests a ballot above which there is hardly another one. With that promise the gateway would refuse every later activation.</summary>
    [Fact]
    public void Enter_BallotThatIsTooHigh_IsRefused()
    {
        Assert.False(IsAllowed(Room, BallotOf(long.MaxValue)));

        Assert.True(IsAllowed(Room, BallotOf(Ballot.MaxNumber)));
    }

    [Fact]
    public void Enter_OtherLane_HasAPromiseOfItsOwn()
    {
        Assert.True(IsAllowed(Room, BallotOf(2)));

        Assert.True(IsAllowed(OtherRoom, BallotOf(1)));
    }

    /// <summary>
    /// Tests interleaving 25: two activations of a lane lead for a moment with the same number. The gateway follows one of them, and refuses whatever
    /// the other one delivers afterwards, so only one of them extends the log.
    /// </summary>
    [Fact]
    public void Enter_TwoActivationsWithTheSameNumber_OnlyTheHigherOneContinues()
    {
        var (one, other) = (BallotOf(1), BallotOf(1));
        var (lower, higher) = one.CompareTo(other) < 0 ? (one, other) : (other, one);
        Assert.True(IsAllowed(Room, lower));
        Assert.True(IsAllowed(Room, higher));

        Assert.False(IsAllowed(Room, lower));
        Assert.True(IsAllowed(Room, higher));
    }

    /// <summary>
    /// Tests a gateway that was left out of a recovery: it has answered no ballot of the new activation, and has delivered for it. A late delivery of the
    /// old activation must be refused all the same.
    /// </summary>
    [Fact]
    public void Enter_LowerBallotAfterADeliveryOfAHigherOne_IsRefused()
    {
        Assert.True(IsAllowed(Room, BallotOf(1)));
        Assert.True(IsAllowed(Room, BallotOf(2)));

        Assert.False(IsAllowed(Room, BallotOf(1)));
    }

    /// <summary>Tests a promise during a delivery. The answer to the promise must contain what was delivered, so it waits for the end of the delivery.</summary>
    [Fact]
    public async Task Enter_SeveralThreads_OneAtATime()
    {
        var (inside, most) = (0, 0);
        var threads = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                using var entry = _promises.Enter(Room, new Ballot(i, Guid.Empty));
                most = Math.Max(most, ++inside);
                Thread.Yield();
                inside--;
            }
        }, TestContext.Current.CancellationToken));

        await Deadline.RunAsync("all threads are done", token => new ValueTask(Task.WhenAll(threads).WaitAsync(token)));

        Assert.Equal(1, most);
    }

    [Fact]
    public void Promise_OfALaneWithRings_IsKept()
    {
        Assert.True(IsAllowed(Room, BallotOf(2)));
        _kept.WithRings.Add(Room);

        PassMinutes(60);

        Assert.False(IsAllowed(Room, BallotOf(1)));
    }

    [Fact]
    public void Promise_OfALaneWhoseRingsHaveEnded_IsKeptForTenMinutesMore()
    {
        Assert.True(IsAllowed(Room, BallotOf(2)));
        _kept.WithRings.Add(Room);
        PassMinutes(30);
        _kept.WithRings.Clear();

        PassMinutes(10);
        Assert.Equal(2, _promises.Count);

        PassMinutes(1);
        Assert.Equal(1, _promises.Count);
        Assert.True(IsAllowed(Room, BallotOf(1)));
    }

    /// <summary>Tests interleaving 29: the wall clock is set, forwards and back. Only the time that passes ends a promise.</summary>
    [Fact]
    public void Promise_WallClockJumps_IsKeptForTheSameTime()
    {
        Assert.True(IsAllowed(Room, BallotOf(2)));

        _time.JumpWallClock(TimeSpan.FromDays(300));
        PassMinutes(5);
        _time.JumpWallClock(-TimeSpan.FromDays(600));
        PassMinutes(4);

        Assert.False(IsAllowed(Room, BallotOf(1)));
    }

    private static Ballot BallotOf(long number) => new(number, Guid.NewGuid());

    private bool IsAllowed(Lane lane, Ballot ballot)
    {
        using var entry = _promises.Enter(lane, ballot);
        return entry.IsAllowed;
    }

    // A gateway that serves: another lane is entered now and then, which sweeps.
    private void PassMinutes(int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.True(IsAllowed(OtherRoom, new Ballot(1, Guid.Empty)));
        }
    }
}
