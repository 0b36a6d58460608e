using System.Net;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>
/// Tests row 22 of docs/internals/resume.md: the only gateway that keeps a topic is stopped while the lane has just started, and has not read all of its log.
/// </summary>
public sealed class RingTakeoverTests : IDisposable
{
    private static readonly Ballot Earlier = new(1, Guid.NewGuid());

    private readonly FakeLink _a = new("a") { Keeps = true };
    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LaneRecoveryContext _context;
    private readonly LaneLogs _logs;
    private readonly RoomGrain _grain;
    private readonly TaskCompletionSource _background = new(TaskCreationOptions.RunContinuationsAsynchronously); // holds the first read, which is that in the background
    private int _reads;

    public RingTakeoverTests()
    {
        var gateways = new FakeLiveGateways(_a);
        var membership = new FakeMembership();
        membership.Set(SiloAddress.New(IPAddress.Loopback, 1, 1), SiloStatus.Active);
        var metrics = new GrainMetrics(_meters);
        _context = new LaneRecoveryContext(
            gateways, new DepartedSilos(membership, _time), metrics, Options.Create(new LaneLogOptions()), _time, NullLogger<LaneRecovery>.Instance);
        _logs = TestLogs.Create(metrics, gateways, _time);
        _grain = new RoomGrain(gateways, new FakeMemoryWatch(), new LocalLanes(), metrics, _logs, _context, _time);
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, first: 3, head: 9));
        _a.Rings.PageSize = 2;
        _a.OnRead = async request =>
        {
            if (Interlocked.Increment(ref _reads) == 1)
            {
                var page = _a.Rings.Read(request);
                await _background.Task;
                return page;
            }

            return _a.Rings.Read(request);
        };
    }

    public void Dispose()
    {
        _logs.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task HandOver_WhileOlderMessagesAreMissing_ReadsThemFirst()
    {
        await RecoverAsync();
        Assert.Equal(TailStatus.NotReady, (await FetchAsync(2)).Status);

        Assert.True(await EndAsync(_grain.HandOverAsync(_a.Id, [new HandOverRequest(Room, 3)]).AsTask()));

        Assert.Equal([3L, 4L, 5L, 6L, 7L, 8L, 9L], (await FetchAsync(2)).Messages.Select(static message => message.Offset));
    }

    /// <summary>The refill of the recovery brings a page that has been read meanwhile. It must neither end what is known of the log, nor bring anything twice.</summary>
    [Fact]
    public async Task HandOver_WhileThePageOfARefillIsOnItsWay_LeavesTheLogWhole()
    {
        await RecoverAsync();
        Assert.True(await EndAsync(_grain.HandOverAsync(_a.Id, [new HandOverRequest(Room, 6)]).AsTask()));
        Assert.Equal(TailStatus.NotReady, (await FetchAsync(2)).Status);

        _background.SetResult();

        await Deadline.UntilAsync("the refill has ended", async () => (await FetchAsync(2)) is { Status: TailStatus.Page, Messages.Length: 7 });
        Assert.Equal([3L, 4L, 5L, 6L, 7L, 8L, 9L], (await FetchAsync(2)).Messages.Select(static message => message.Offset));
    }

    [Fact]
    public async Task HandOver_ByAGatewayThatDoesNotAnswer_WaitsForAWhile()
    {
        _a.OnRead = _ =>
        {
            _reads++;
            return new TaskCompletionSource<TailPage>().Task;
        };
        await RecoverAsync();

        var handingOver = _grain.HandOverAsync(_a.Id, [new HandOverRequest(Room, 3)]).AsTask();
        _time.Advance(RingTakeover.Patience);

        Assert.True(await EndAsync(handingOver));
    }

    [Fact]
    public async Task HandOver_OfALogThatTheGatewayDoesNotShare_ReadsNothing()
    {
        await RecoverAsync();
        _a.Rings[Room].Marks = [new EpochMark(77, EpochMark.Open, TimeSpan.Zero)];

        Assert.True(await EndAsync(_grain.HandOverAsync(_a.Id, [new HandOverRequest(Room, 3)]).AsTask()));

        Assert.Equal(TailStatus.NotReady, (await FetchAsync(2)).Status);
    }

    /// <summary>The first call of a new activation may be that of the gateway that stops.</summary>
    [Fact]
    public async Task HandOver_OfANewLane_RecoversFirst()
    {
        _background.SetResult();

        Assert.True(await EndAsync(_grain.HandOverAsync(_a.Id, [new HandOverRequest(Room, 3)]).AsTask()));

        Assert.Equal(7, (await FetchAsync(2)).Messages.Length);
    }

    private static Task<T> EndAsync<T>(Task<T> task) => LaneRouterFixture.EndAsync(task, "the end of the call");

    private async Task RecoverAsync()
    {
        Assert.Equal(PublishStatus.Accepted, (await EndAsync(_grain.PublishAsync(One(5) with { IsRepeat = true }, Guid.Empty).AsTask())).Status);
        await Deadline.UntilAsync("the refill has begun", () => Volatile.Read(ref _reads) > 0);
    }

    private Task<TailPage> FetchAsync(long after) => _grain.FetchAsync(new FetchRequest(Room, after, FetchRequest.ToHead, IsNewestFirst: false, null)).AsTask();
}
