using Direct.Gateway.Cluster;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Cluster;

public sealed class RecoveryHandlerTests
{
    private const int RecoverCallLanes = 256; // RecoverCalls.MaxLanes of a silo

    private static readonly TopicKey Room = new(TopicScope.Room, 5, 7);
    private static readonly TopicKey User = new(TopicScope.User, 1, 0);
    private static readonly Ballot Low = new(1, Guid.NewGuid());
    private static readonly Ballot High = new(2, Guid.NewGuid());
    private static readonly TailPage Page = new(TailStatus.Page, null, [], 0, 1, [], false);

    private readonly FakeKeptLanes _kept = new() { Page = Page };
    private readonly LanePromises _promises;
    private readonly RecoveryHandler _recovery;

    public RecoveryHandlerTests()
    {
        _promises = new LanePromises(new ManualTimeProvider(), _kept);
        _recovery = new RecoveryHandler(_promises, _kept);
    }

    [Fact]
    public void Recover_HigherBallot_IsPromisedAndAnswersWhatIsKept()
    {
        Keep(Room);

        var answer = Recover(Lane.Of(Room), High);

        Assert.Equal((true, High, false), (answer.IsPromised, answer.Promised, answer.HasMore));
        Assert.Equal(Room, Assert.Single(answer.Topics).Topic);
        Assert.Equal(High, _promises.HighestOf(Lane.Of(Room)));
    }

    [Fact]
    public void Recover_LowerBallot_AnswersTheHigherOneAndNoTopics()
    {
        Keep(Room);
        Recover(Lane.Of(Room), High);

        var answer = Recover(Lane.Of(Room), Low);

        Assert.Equal((false, High), (answer.IsPromised, answer.Promised));
        Assert.Empty(answer.Topics);
    }

    /// <summary>Tests many lanes in one call. What they have together must fit into an answer that arrives in time, and each lane must get on.</summary>
    [Fact]
    public void Recover_ManyLanes_ShareTheBytesOfTheAnswer()
    {
        Keep(Room, new KeptHeaders(new byte[RecoverRequest.MaxBytes]));

        _recovery.Recover([.. new[] { Room, User, User }.Select(static topic => new RecoverRequest(Lane.Of(topic), High))]);

        Assert.Equal(RecoverRequest.MaxBytes, _kept.MaxBytes[0]);
        Assert.All(_kept.MaxBytes[1..], static bytes => Assert.InRange(bytes, 1, RecoverRequest.MaxBytes / RecoverCallLanes));
    }

    /// <summary>Tests that the answer is made under the lock of the lane: a delivery that it does not contain would be acknowledged, and missing in the log.</summary>
    [Fact]
    public async Task Recover_AnswerIsMade_UnderTheLockOfTheLane()
    {
        Keep(Room);
        var delivering = Task.CompletedTask;
        var isDelivering = false;
        _kept.OnReport = () =>
        {
            using var isStarted = new ManualResetEventSlim();
            delivering = Task.Run(() =>
            {
                isStarted.Set();
                using var entry = _promises.Enter(Lane.Of(Room), Low);
                Volatile.Write(ref isDelivering, entry.IsAllowed);
            });
            isStarted.Wait();
        };

        Recover(Lane.Of(Room), High);

        await Deadline.RunAsync("the delivery is refused", token => new ValueTask(delivering.WaitAsync(token)));
        Assert.False(isDelivering);
    }

    [Fact]
    public void Read_LowerBallotThanPromised_IsNotReady()
    {
        Recover(Lane.Of(Room), High);

        Assert.Equal(TailStatus.NotReady, _recovery.Read(Fetch(Low)).Status);
        Assert.Equal(TailStatus.NotReady, _recovery.Read(Fetch(null)).Status);
        Assert.Same(Page, _recovery.Read(Fetch(High)));
    }

    [Fact]
    public void Keep_OneOfALowerBallot_InstallsTheOthers()
    {
        var other = new TopicKey(TopicScope.Room, 5, 8);
        Keep(Room);
        Keep(other);
        Recover(Lane.Of(Room), High);

        Assert.False(_recovery.Keep([Install(Room, Low), Install(other, Low)]));

        Assert.Equal(other, Assert.Single(_kept.Installed).Topic);
    }

    [Fact]
    public void Keep_TopicsThatAreKept_SaysSo()
    {
        Keep(Room);

        Assert.True(_recovery.Keep([Install(Room, High)]));
        Assert.False(_recovery.Keep([Install(new TopicKey(TopicScope.Room, 5, 8), High)]));
    }

    [Fact]
    public void Recover_GatewayThatKeepsNothing_PromisesAllTheSame()
    {
        var answer = Recover(Lane.Of(Room), High);

        Assert.True(answer.IsPromised);
        Assert.Empty(answer.Topics);
        Assert.False(_recovery.Keep([Install(Room, High)]));
    }

    private static FetchRequest Fetch(Ballot? ballot) => new(Room, 0, FetchRequest.ToHead, IsNewestFirst: false, ballot);

    private static KeepRequest Install(TopicKey topic, Ballot ballot) => new(topic, ballot, [new EpochMark(1, EpochMark.Open, default)], 0);

    private void Keep(TopicKey topic, KeptHeaders? headers = null) =>
        _kept.Reports.Add(new KeptTopicReport(topic, null, [new EpochMark(1, EpochMark.Open, default)], 0, 1, 1, headers ?? []));

    private RecoverAnswer Recover(Lane lane, Ballot ballot) => Assert.Single(_recovery.Recover([new RecoverRequest(lane, ballot)]));
}
