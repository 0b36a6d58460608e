using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneRecoveryTests : IDisposable
{
    private const long E1 = 1;

    private static readonly Ballot Earlier = new(1, Guid.NewGuid());
    private static readonly Guid OtherPublisher = Guid.NewGuid();

    private readonly FakeLink _a = new("a") { Keeps = true };
    private readonly FakeLink _b = new("b") { Keeps = true };
    private readonly FakeLiveGateways _gateways;
    private readonly FakeMembership _membership = new();
    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly LaneRecoveryContext _context;
    private readonly Guid _activation = Guid.NewGuid();

    public LaneRecoveryTests()
    {
        _gateways = new FakeLiveGateways(_a, _b);
        _membership.Set(SiloAddress.New(IPAddress.Loopback, 1, 1), SiloStatus.Active);
        var departed = new DepartedSilos(_membership, _time);
        departed.Look();
        _time.Advance(LaneRecovery.SiloLeftWithin * 2); // nothing has happened lately
        _context = new LaneRecoveryContext(_gateways, departed, new GrainMetrics(_meters), Options.Create(new LaneLogOptions()), _time, NullLogger<LaneRecovery>.Instance);
    }

    public void Dispose() => _ended.Dispose();

    /// <summary>
    /// Tests interleaving 3: the old activation has accepted messages 6 and 7, only gateway a has them, and the publisher of message 7 has died with the silo, so
    /// nobody repeats it. It is in the new log nevertheless, and gateway b is told that it lacks it.
    /// </summary>
    [Fact]
    public async Task Run_OnlyOneGatewayHasTheLastMessages_TheyAreInTheNewLog()
    {
        Keep(_a, first: 1, head: 6).Append(7, OtherPublisher);
        Keep(_b, first: 1, head: 5);

        var topic = Assert.Single((await RunAsync())!.Topics);

        Assert.Equal(7, topic.Head);
        Assert.Equal([6L, 7L], topic.Messages.Select(static message => message.Offset));
        Assert.Contains(new KeptHeader(7, new MessageOrigin(OtherPublisher, 7, Guid.Empty)), topic.Headers);
        Assert.Equal([(E1, 7L), (topic.Table.Current, EpochTable.NoEnd)], EpochsOf(topic));
        Assert.Equal(new[] { _a.Id, _b.Id }.Order(), topic.Keepers.Select(static keeper => keeper.Gateway).Order());
        Assert.All(_gateways.All, gateway => Assert.Equal((Room, 7L), (Assert.Single(gateway.Rings.Installed).Topic, gateway.Rings.Installed[0].Head)));
        Assert.Equal((1.0, 2.0), (_meters.Sum("direct.silo.recoveries", "result=complete"), _meters.Sum("direct.silo.recovered.entries")));
    }

    /// <summary>
    /// Tests interleaving 10: gateway a, which is ahead, does not answer. The log ends where that of b ends, so that positions above it, which clients of a have,
    /// are not covered when it comes back.
    /// </summary>
    [Fact]
    public async Task Run_GatewayThatIsAheadDoesNotAnswer_EndsItsEpochBefore()
    {
        Keep(_a, first: 1, head: 7);
        Keep(_b, first: 1, head: 5);
        Hang(_a);

        var running = RunAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(4));
        var topic = Assert.Single((await running)!.Topics);

        Assert.Equal(5, topic.Head);
        Assert.True(topic.Table.Covers(new Stamp(E1, 5)));
        Assert.False(topic.Table.Covers(new Stamp(E1, 6)));
        Assert.Equal(_b.Id, Assert.Single(topic.Keepers).Gateway);
        Assert.Empty(_a.Rings.Installed);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=incomplete"));
    }

    /// <summary>
    /// Tests interleaving 35: gateway a was left out of a recovery, b was not, and the next activation reaches only a. When a third one reaches both, it must follow
    /// the second, although the log of b is longer.
    /// </summary>
    [Fact]
    public async Task Run_OneGatewayAfterTheOtherWasLeftOut_TheLastRecoveryCounts()
    {
        var (a, b) = (Keep(_a, first: 1, head: 5), Keep(_b, first: 1, head: 5));
        _gateways.All.Remove(_a);
        await RunAsync(); // the first: only b
        b.Append(6);
        b.Append(7);
        _gateways.All.Clear();
        _gateways.All.Add(_a);
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = Assert.Single((await RunAsync())!.Topics); // only a
        a.Append(8, OtherPublisher);
        _gateways.All.Add(_b);
        _time.Advance(TimeSpan.FromSeconds(1));

        var third = Assert.Single((await RunAsync())!.Topics);

        Assert.Equal(6, third.Head);
        Assert.Equal([(E1, 5L), (second.Table.Current, 6L), (third.Table.Current, EpochTable.NoEnd)], EpochsOf(third));
        Assert.Equal(OtherPublisher, third.Headers[^1].Origin.Publisher);
        Assert.Equal(6, b.Head); // what it had above 5 and was not chosen is gone
    }

    [Fact]
    public async Task Run_GatewayHasPromisedAHigherBallot_TriesAboveItEverywhere()
    {
        Keep(_a, first: 1, head: 5);
        var higher = new Ballot(Ballot.MaxNumber - 1, Guid.NewGuid());
        _b.Rings.Promised = higher;

        var recovered = await RunAsync();

        Assert.Equal(new Ballot(higher.Number + 1, _activation), recovered?.Ballot);
        Assert.All(_gateways.All, gateway => Assert.Equal(recovered?.Ballot, gateway.Rings.Promised));
    }

    /// <summary>Tests a gateway that hangs while another one has promised a higher ballot. The round ends at once, because its answers are of no use.</summary>
    [Fact]
    public async Task Run_HigherBallotWhileAnotherGatewayHangs_DoesNotWaitForIt()
    {
        Hang(_a);
        _b.Rings.Promised = new Ballot(Ballot.MaxNumber - 1, Guid.NewGuid());

        var running = RunAsync();
        await Deadline.UntilAsync("the second round", () => _b.Recoveries.Count == 2);
        await AdvanceAsync(TimeSpan.FromSeconds(4));

        Assert.NotNull(await running);
        Assert.Equal(2, _a.Recoveries.Count);
    }

    [Fact]
    public async Task Run_EveryBallotIsRefused_GivesUp()
    {
        _b.OnRecover = (request, _) => Task.FromResult<RecoverAnswer?>(
            new RecoverAnswer(request.Lane, new Ballot(request.Ballot.Number + 1, Guid.NewGuid()), IsPromised: false, [], HasMore: false));

        Assert.Null(await RunAsync());

        Assert.Equal(LaneRecovery.MostBallots, _b.Recoveries.Count);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=failed"));
    }

    /// <summary>Tests a gateway that has promised a ballot above which there is none. It is left out; otherwise no activation could ever lead the lane.</summary>
    [Fact]
    public async Task Run_GatewayHasPromisedABallotThatIsTooHigh_IsLeftOut()
    {
        Keep(_a, first: 1, head: 5);
        _b.Rings.Promised = new Ballot(long.MaxValue, Guid.NewGuid());

        var recovered = await RunAsync();

        Assert.Equal(_a.Id, Assert.Single(Assert.Single(recovered!.Topics).Keepers).Gateway);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=incomplete"));
    }

    [Fact]
    public async Task Run_NumberOfTheFirstBallot_IsTheTimeOfTheCluster()
    {
        Assert.Equal(new Ballot(_time.GetUtcNow().ToUnixTimeMilliseconds(), _activation), (await RunAsync())?.Ballot);
    }

    [Fact]
    public async Task Run_GatewayWasUnresponsiveBefore_IsAwaitedForAQuarterOfASecond()
    {
        Hang(_a);
        _a.IsUnresponsive = true;

        var running = RunAsync();
        await AdvanceAsync(LaneRecovery.RecoverUnresponsiveFor);

        Assert.NotNull(await running);
    }

    /// <summary>Tests an unresponsive gateway just after a silo has left. Its answers may be late because they went through that silo, so it is awaited for four seconds.</summary>
    [Fact]
    public async Task Run_GatewayWasUnresponsiveAndASiloHasLeft_IsAwaitedForFourSeconds()
    {
        Hang(_a);
        _a.IsUnresponsive = true;
        _membership.Set(SiloAddress.New(IPAddress.Loopback, 2, 1), SiloStatus.Dead);

        var running = RunAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(3.9));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.NotNull(await EndAsync(running));
    }

    [Fact]
    public async Task Run_CallFails_IsTriedAgain()
    {
        Keep(_a, first: 1, head: 7);
        var tries = 0;
        _a.OnRecover = (request, _) => Task.FromResult(++tries == 1 ? null : _a.Rings.Recover(request));

        var running = RunAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(0.05));

        Assert.Equal(7, Assert.Single((await EndAsync(running))!.Topics).Head);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=complete"));
    }

    [Fact]
    public async Task Run_GatewayLeavesMeanwhile_IsNotAwaited()
    {
        _a.OnRecover = (_, _) =>
        {
            _gateways.All.Remove(_a);
            return Task.FromResult<RecoverAnswer?>(null);
        };

        var running = RunAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(0.05));

        Assert.NotNull(await EndAsync(running));
    }

    [Fact]
    public async Task Run_AnswerIsImpossible_LeavesTheGatewayOut()
    {
        Keep(_a, first: 1, head: 7).Headers.Reverse();
        Keep(_b, first: 1, head: 5);

        Assert.Equal(5, Assert.Single((await RunAsync())!.Topics).Head);
    }

    [Fact]
    public async Task Run_GatewayThatCannotKeep_IsNotAsked()
    {
        _b.Keeps = false;

        Assert.NotNull(await RunAsync());

        Assert.Empty(_b.Recoveries);
    }

    [Fact]
    public async Task Run_ManyTopics_AreReadInPages()
    {
        var users = Enumerable.Range(0, 5).Select(static at => User(1 + (at * Lane.UserPartitions))).ToList();
        _a.Rings.PageSize = 2;
        users.ForEach(user => Keep(_a, 1, 3, user));

        var recovered = await RunAsync(Lane.Of(users[0]));

        Assert.Equal(users, recovered!.Topics.Select(static topic => topic.Topic).OrderBy(static topic => topic.Id));
        Assert.Equal(users.Count, _a.Rings.Installed.Count);
    }

    [Fact]
    public async Task Run_MoreHeadersThanAnAnswerTakes_AreReadInPages()
    {
        var users = Enumerable.Range(0, 3).Select(static at => User(1 + (at * Lane.UserPartitions))).ToList();
        _a.Rings.HeaderPageSize = 2;
        users.ForEach(user => Keep(_a, 1, 5, user));

        var recovered = await RunAsync(Lane.Of(users[0]));

        Assert.Equal(users, recovered!.Topics.Select(static topic => topic.Topic).OrderBy(static topic => topic.Id));
        Assert.All(recovered.Topics, static topic => Assert.Equal([1L, 2L, 3L, 4L, 5L], topic.Headers.Select(static header => header.Offset)));
        Assert.Equal(7, _a.Recoveries.Count); // the end of one topic and the beginning of the next share a page
    }

    /// <summary>Tests a topic that ends at the gateway when a part of its headers was read. With that part alone repeats of the other messages would be new.</summary>
    [Fact]
    public async Task Run_TopicEndsBetweenPagesOfItsHeaders_IsLeftOut()
    {
        var users = Enumerable.Range(0, 2).Select(static at => User(1 + (at * Lane.UserPartitions))).ToList();
        users.ForEach(user => Keep(_a, 1, 5, user));
        _a.Rings.HeaderPageSize = 3;
        _a.OnRecover = (request, _) =>
        {
            if (request.HeadersAfter > 0)
            {
                _a.Rings.Remove(users[0]);
            }

            return Task.FromResult<RecoverAnswer?>(_a.Rings.Recover(request));
        };

        var topic = Assert.Single((await RunAsync(Lane.Of(users[0])))!.Topics);

        Assert.Equal(users[1], topic.Topic);
        Assert.Equal(5, topic.Headers.Count);
    }

    /// <summary>Tests a gateway that has much to tell. It is alive, and without its answer the log might be shorter.</summary>
    [Fact]
    public async Task Run_GatewayAnswersInSlowPages_IsAwaited()
    {
        Keep(_a, first: 1, head: 7);
        _a.Rings.HeaderPageSize = 3;

        var running = await RunWithPagesAsync(3, TimeSpan.FromSeconds(3));

        Assert.Equal(7, Assert.Single((await EndAsync(running))!.Topics).Headers.Count);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=complete"));
    }

    [Fact]
    public async Task Run_PagesOfAGatewayDoNotEnd_IsLeftOutAfterThreeTimes()
    {
        Keep(_a, first: 1, head: 100);
        _a.Rings.HeaderPageSize = 1;

        var running = await RunWithPagesAsync(3, TimeSpan.FromSeconds(3));
        Assert.False(running.IsCompleted);
        await AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Empty((await EndAsync(running))!.Topics);
        Assert.Equal(1, _meters.Sum("direct.silo.recoveries", "result=incomplete"));
    }

    /// <summary>Tests a gateway that dies after it has reported the longest log. What only it had is lost for the log, and its publishers repeat it.</summary>
    [Fact]
    public async Task Run_ChosenGatewayDoesNotReturnItsMessages_ContinuesTheNextLog()
    {
        Keep(_a, first: 1, head: 7);
        Keep(_b, first: 1, head: 5);
        _a.OnRead = _ =>
        {
            _gateways.All.Remove(_a);
            return Task.FromResult(TailPage.NotReady);
        };

        var topic = Assert.Single((await RunAsync())!.Topics);

        Assert.Equal((5, _b.Id), (topic.Head, Assert.Single(topic.Keepers).Gateway));
    }

    /// <summary>
    /// Tests a gateway that hangs after it has reported the longest logs of many topics. Publishers wait for the recovery, so it ends a second after the time for the answers, however
    /// many topics there are, and as if that gateway had not answered.
    /// </summary>
    [Fact]
    public async Task Run_ChosenGatewayHangsAfterItsAnswer_EndsInTime()
    {
        var users = Enumerable.Range(0, 20).Select(static at => User(1 + (at * Lane.UserPartitions))).ToList();
        users.ForEach(user => Keep(_a, first: 1, head: 7, user));
        users.ForEach(user => Keep(_b, first: 1, head: 5, user));
        _a.OnRead = static _ => new TaskCompletionSource<TailPage>().Task;

        var running = RunAsync(Lane.Of(users[0]));
        await AdvanceAsync(TimeSpan.FromSeconds(4) + LaneRecovery.InstallFor);
        var recovered = await EndAsync(running);

        Assert.Equal(20, recovered!.Topics.Count);
        Assert.All(recovered.Topics, topic => Assert.Equal((5, _b.Id), (topic.Head, Assert.Single(topic.Keepers).Gateway)));
    }

    /// <summary>Tests a gateway that hangs, of which the link says that it is not ready. Each further topic would take as long, and delay the start of the lane.</summary>
    [Fact]
    public async Task Run_ReadsTimeOut_DoesNotAskTheGatewayForOtherTopics()
    {
        var users = Enumerable.Range(0, 20).Select(static at => User(1 + (at * Lane.UserPartitions))).ToList();
        users.ForEach(user => Keep(_a, first: 1, head: 7, user));
        users.ForEach(user => Keep(_b, first: 1, head: 5, user));
        var asked = 0;
        _a.OnRead = async _ =>
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(TimeSpan.FromSeconds(1), _time);
            return TailPage.NotReady;
        };

        var running = RunAsync(Lane.Of(users[0]));
        await Deadline.UntilAsync("the reads", () => _time.ArmedTimers > 16); // one timer ends the recovery
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(20, (await EndAsync(running))!.Topics.Count);
        Assert.Equal(16, asked); // so many at once
    }

    /// <summary>Tests a gateway that ends one topic after it has reported it. What it has of other topics must not be left out for that.</summary>
    [Fact]
    public async Task Run_GatewayHasEndedOneTopic_ReadsTheOthersFromIt()
    {
        var (ended, other) = (User(1), User(1 + Lane.UserPartitions));
        foreach (var user in new[] { ended, other })
        {
            Keep(_a, first: 1, head: 7, user);
            Keep(_b, first: 1, head: 5, user);
        }

        _a.OnRead = request => Task.FromResult(request.Topic == ended ? TailPage.NotReady : _a.Rings.Read(request));

        var running = RunAsync(Lane.Of(ended));
        for (var tries = 1; tries <= 3; tries++)
        {
            await Deadline.UntilAsync($"try {tries}", () => _time.ArmedTimers > 1);
            _time.Advance(TimeSpan.FromSeconds(0.05));
        }

        Assert.Equal([(ended, 5L), (other, 7L)], (await EndAsync(running))!.Topics.Select(static topic => (topic.Topic, topic.Head)).OrderBy(static topic => topic.Topic.Id));
    }

    [Fact]
    public async Task Run_SeveralPagesAreMissing_ReadsThemTheNewestFirst()
    {
        Keep(_a, first: 1, head: 9);
        Keep(_b, first: 1, head: 4);
        _a.Rings.PageSize = 2;

        var topic = Assert.Single((await RunAsync())!.Topics);

        Assert.Equal([5L, 6L, 7L, 8L, 9L], topic.Messages.Select(static message => message.Offset));
        Assert.Equal([9L, 7L, 5L], _a.Rings.Reads.Select(static read => read.Through));
    }

    [Fact]
    public async Task Run_GatewayDoesNotAnswerToTheInstall_IsAwaitedForASecond()
    {
        Keep(_a, first: 1, head: 7);
        _a.OnKeep = static _ => new TaskCompletionSource<bool>().Task;

        var running = RunAsync();
        await AdvanceAsync(LaneRecovery.InstallFor);

        Assert.Equal(_a.Id, Assert.Single(Assert.Single((await EndAsync(running))!.Topics).Keepers).Gateway);
    }

    [Fact]
    public async Task Run_SiloIsFenced_AsksNobody()
    {
        _gateways.IsFenced = true;

        Assert.Null(await RunAsync());

        Assert.Empty(_a.Recoveries);
    }

    /// <summary>Tests an activation that ends while it waits. It has not all answers, so it must not install a log that other activations would follow.</summary>
    [Fact]
    public async Task Run_ActivationEnds_InstallsNothing()
    {
        Keep(_a, first: 1, head: 7);
        Hang(_b);

        var running = RunAsync();
        await Deadline.UntilAsync("it waits", () => !_b.Recoveries.IsEmpty);
        await _ended.CancelAsync();

        Assert.Null(await EndAsync(running));
        Assert.Empty(_a.Rings.Installed);
    }

    /// <summary>
    /// Regression test: an activation that ended while it read messages took the gateway for one that does not return them, and installed the shorter log of the other one, which
    /// the next activation had to follow.
    /// </summary>
    [Fact]
    public async Task Run_ActivationEndsWhileItReads_InstallsNothing()
    {
        Keep(_a, first: 1, head: 7);
        Keep(_b, first: 1, head: 5);
        _a.OnRead = async _ =>
        {
            await _ended.CancelAsync();
            return TailPage.NotReady;
        };

        Assert.Null(await RunAsync());

        Assert.Empty(_b.Rings.Installed);
    }

    [Fact]
    public async Task Refill_AfterARecovery_ReadsWhatIsBeforeTheTailTheNewestFirst()
    {
        Keep(_a, first: 2, head: 9);
        Keep(_b, first: 1, head: 8);
        var recovery = Recovery(Lane.Of(Room));
        var recovered = await EndAsync(recovery.RunAsync());
        _a.Rings.PageSize = 3;
        var refilled = new List<long>();

        await recovery.RefillAsync(recovered!.Ballot, (topic, epoch, messages) =>
        {
            Assert.Equal((Room, recovered.Topics[0].Table.Current), (topic, epoch));
            refilled.InsertRange(0, messages.Select(static message => message.Offset));
            return refilled[0] - 1;
        });

        Assert.Equal([2L, 3L, 4L, 5L, 6L, 7L, 8L], refilled);
    }

    [Fact]
    public async Task Refill_TailHasNoSpace_Stops()
    {
        Keep(_a, first: 1, head: 9);
        Keep(_b, first: 1, head: 9);
        var recovery = Recovery(Lane.Of(Room));
        var recovered = await EndAsync(recovery.RunAsync());
        (_a.Rings.PageSize, _b.Rings.PageSize) = (3, 3);
        var pages = 0;

        await recovery.RefillAsync(recovered!.Ballot, (_, _, _) =>
        {
            pages++;
            return 0;
        });

        Assert.Equal(1, pages);
    }

    /// <summary>Regression test: a silo that ended during a refill logged the end of its services as a failed recovery.</summary>
    [Fact]
    public async Task Refill_SiloEndsMeanwhile_EndsWithoutAnError()
    {
        Keep(_a, first: 1, head: 9);
        var recovery = Recovery(Lane.Of(Room));
        var recovered = await EndAsync(recovery.RunAsync());
        var services = new ServiceCollection().AddSingleton(_ => _context).BuildServiceProvider();
        Assert.NotNull(services.GetService<LaneRecoveryContext>());
        _a.OnRead = async request =>
        {
            await services.DisposeAsync();
            return _a.Rings.Read(request);
        };

        await recovery.RefillAsync(recovered!.Ballot, static (_, _, _) => 0);
    }

    /// <summary>Tests a gateway that has left before the refill. Each call to it would take a second, for each of its topics, and delay the refills of other lanes.</summary>
    [Fact]
    public async Task Refill_GatewayHasLeft_IsNotAsked()
    {
        Keep(_a, first: 1, head: 9);
        var recovery = Recovery(Lane.Of(Room));
        var recovered = await EndAsync(recovery.RunAsync());
        var reads = _a.Rings.Reads.Count;
        _gateways.All.Remove(_a);

        await recovery.RefillAsync(recovered!.Ballot, static (_, _, _) => 0);

        Assert.Equal(reads, _a.Rings.Reads.Count);
    }

    // Runs until the gateway a has answered so many pages, each after a while.
    private async Task<Task<RecoveredLane?>> RunWithPagesAsync(int pages, TimeSpan pause)
    {
        TaskCompletionSource<RecoverAnswer?>? answer = null;
        _a.OnRecover = (_, token) =>
        {
            var next = new TaskCompletionSource<RecoverAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref answer, next);
            return next.Task.WaitAsync(token);
        };
        var running = RunAsync();
        for (var page = 1; page <= pages; page++)
        {
            await Deadline.UntilAsync("it asks", () => Volatile.Read(ref answer) is not null);
            var asked = Interlocked.Exchange(ref answer, null)!;
            _time.Advance(pause);
            asked.SetResult(_a.Rings.Recover(_a.Recoveries.Last()));
        }

        if (_a.Rings.Recover(_a.Recoveries.Last()).HasMore)
        {
            await Deadline.UntilAsync("it asks again", () => Volatile.Read(ref answer) is not null);
        }

        return running;
    }

    private static void Hang(FakeLink gateway) =>
        gateway.OnRecover = static (_, token) => new TaskCompletionSource<RecoverAnswer?>().Task.WaitAsync(token);

    private static FakeRing Keep(FakeLink gateway, long first, long head, TopicKey? topic = null)
    {
        var ring = FakeRing.Of(E1, Earlier, first, head);
        gateway.Rings.Add(topic ?? Room, ring);
        return ring;
    }

    private static IEnumerable<(long Id, long End)> EpochsOf(RecoveredTopic topic) => topic.Table.Epochs.ToArray().Select(static epoch => (epoch.Id, epoch.End));

    private static Task<T> EndAsync<T>(Task<T> task) => LaneRouterFixture.EndAsync(task, "the end of the recovery");

    private LaneRecovery Recovery(Lane lane) => new(lane, _activation, _context, _ended.Token);

    private Task<RecoveredLane?> RunAsync(Lane? lane = null) => EndAsync(Recovery(lane ?? Lane.Of(Room)).RunAsync());

    private async Task AdvanceAsync(TimeSpan delta)
    {
        await Deadline.UntilAsync("a timer is armed", () => _time.ArmedTimers > 0);
        _time.Advance(delta);
    }
}
