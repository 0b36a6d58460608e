using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Memory;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Grains.Tests.Links;

public sealed class QuietStopTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly FakeSiloLifecycle _lifecycle = new();
    private readonly QueueBudget _queues = FakeMemoryWatch.Plenty();
    private readonly LiveGateways _gateways;

    public QuietStopTests()
    {
        _gateways = new LiveGateways(new GrainMetrics(_meters), _queues, new LocalGateways(), _time, NullLogger<LiveGateways>.Instance);
        new QuietStop(_gateways, Options.Create(new SiloMessagingOptions { ClientGatewayShutdownNotificationTimeout = QuietStop.NoticeTime }), _time).Participate(_lifecycle);
    }

    [Fact]
    public async Task Stop_SomethingIsUnanswered_RefusesAfterTheNoticeAndWaitsForTheAnswer()
    {
        _queues.Links.Add(10);
        var stopping = _lifecycle.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(_gateways.IsStopping);

        _time.Advance(QuietStop.NoticeTime);
        await Deadline.UntilAsync("the silo refuses", () => _gateways.IsStopping);
        Assert.False(stopping.IsCompleted);

        _queues.Links.Add(-10);
        await EndAsync(stopping);
    }

    [Fact]
    public async Task Stop_AGatewayDoesNotAnswer_WaitsForAShortTime()
    {
        _queues.Links.Add(10);
        var startedAt = _time.GetTimestamp();

        await EndAsync(_lifecycle.StopAsync(TestContext.Current.CancellationToken));

        Assert.True(_gateways.IsStopping);
        Assert.InRange(_time.GetElapsedTime(startedAt), QuietStop.NoticeTime, TimeSpan.FromSeconds(5));
    }

    /// <summary>
    /// Regression test: a silo refused batches from then on. While the membership table could not be written, it stayed active for the others, so nobody
    /// accepted batches of its lanes for up to a minute.
    /// </summary>
    [Fact]
    public async Task Stop_TheTableCannotBeWritten_AcceptsAgainAfterATime()
    {
        await EndAsync(_lifecycle.StopAsync(TestContext.Current.CancellationToken));
        Assert.True(_gateways.IsStopping);

        _time.Advance(LiveGateways.RefuseFor);

        Assert.False(_gateways.IsStopping);
    }

    public void Dispose() => _meters.Dispose();

    private Task EndAsync(Task stopping) => Deadline.UntilAsync("the stage has ended", () =>
    {
        _time.Advance(Step);
        return stopping.IsCompleted;
    });
}
