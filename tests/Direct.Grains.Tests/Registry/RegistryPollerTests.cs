using System.Net;
using System.Threading.Channels;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Grains.Registry;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Grains.Tests.Registry;

/// <summary>Tests the end of the polls of a silo that stops, whose polls the tests answer.</summary>
public sealed class RegistryPollerTests : IAsyncDisposable
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly PollAnswer Answer = new(PollStatus.Current, null);

    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly FakeMembership _membership = new();
    private readonly FakeSiloLifecycle _lifecycle = new();
    private readonly Channel<TaskCompletionSource<PollAnswer>> _polls = Channel.CreateUnbounded<TaskCompletionSource<PollAnswer>>();
    private readonly RegistryPoller _poller;

    public RegistryPollerTests()
    {
        _membership.Set(S1, SiloStatus.Active);
        var metrics = new GrainMetrics(_meters);
        var gateways = new LiveGateways(metrics, FakeMemoryWatch.Plenty(), new LocalGateways(), _time, NullLogger<LiveGateways>.Instance);
        _poller = new RegistryPoller(
            FakePolledRegistry.Create(PollAsync), new Local(), _membership, gateways, new DepartedSilos(_membership, _time), metrics, _time,
            NullLogger<RegistryPoller>.Instance);
        _poller.Participate(_lifecycle);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // Regression test: on a busy machine the poll was still in flight when the membership said that the only silo stops, and Orleans logged an error.
    [Fact]
    public async Task Stop_NoOtherSiloIsActive_EndsAfterThePollInFlightBeforeTheMembershipSaysSo()
    {
        _membership.Set(S2, SiloStatus.Dead);
        await _lifecycle.StartAsync(Cancelled);
        var poll = await NextPollAsync();

        var stopping = _lifecycle.StopAsync(ServiceLifecycleStage.Active, Cancelled);
        Assert.False(stopping.IsCompleted);
        poll.SetResult(Answer);
        await Deadline.RunAsync("the stage ends", async cancellationToken => await stopping.WaitAsync(cancellationToken));

        Assert.False(_polls.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Stop_ThePollIsNotAnswered_IsNotAwaitedForLong()
    {
        await _lifecycle.StartAsync(Cancelled);
        await NextPollAsync();

        var stopping = _lifecycle.StopAsync(ServiceLifecycleStage.Active, Cancelled);
        Assert.False(stopping.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        await Deadline.RunAsync("the stage ends", async cancellationToken => await stopping.WaitAsync(cancellationToken));
    }

    [Fact]
    public async Task Stop_AnotherSiloIsActive_PollsUntilItsGrainsHaveMoved()
    {
        _membership.Set(S2, SiloStatus.Active);
        await _lifecycle.StartAsync(Cancelled);
        var poll = await NextPollAsync();

        await _lifecycle.StopAsync(ServiceLifecycleStage.Active, Cancelled);
        poll.SetResult(Answer);

        (await NextPollAsync()).SetResult(Answer);
    }

    public async ValueTask DisposeAsync()
    {
        _polls.Writer.Complete();
        while (_polls.Reader.TryRead(out var poll))
        {
            poll.TrySetResult(Answer);
        }

        await _lifecycle.StopAsync(ServiceLifecycleStage.ApplicationServices, new CancellationToken(canceled: true));
        _poller.Dispose();
        _meters.Dispose();
    }

    private Task<PollAnswer> PollAsync()
    {
        var poll = new TaskCompletionSource<PollAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _polls.Writer.TryWrite(poll) ? poll.Task : Task.FromException<PollAnswer>(new TimeoutException());
    }

    private Task<TaskCompletionSource<PollAnswer>> NextPollAsync() =>
        Deadline.RunAsync("the silo polls", async cancellationToken => await _polls.Reader.ReadAsync(cancellationToken));

    private sealed class Local : ILocalSiloDetails
    {
        public string Name => "s1";

        public string ClusterId => "direct";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => S1;

        public SiloAddress GatewayAddress => S1;
    }
}
