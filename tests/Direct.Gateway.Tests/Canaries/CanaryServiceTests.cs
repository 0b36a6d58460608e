using System.Text;
using Direct.Gateway.Cluster;
using Direct.Gateway.Tests.Cluster;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Canaries;

/// <summary>Tests that a gateway with a lease sends canaries to itself through silos, with a fake canary grain.</summary>
public sealed class CanaryServiceTests : IAsyncDisposable
{
    private readonly GatewayLeaseFixture _gateway = new();
    private readonly CanaryService _service;

    public CanaryServiceTests() =>
        _service = new CanaryService(_gateway.Grains, _gateway.Lease, _gateway.Canaries, Options.Create(_gateway.CanaryOptions), _gateway.Time);

    private FakeCanaryGrain Canaries => _gateway.Grains.Canaries;

    [Fact]
    public async Task Canaries_WithALease_AreSentInEveryInterval()
    {
        await StartAsync();

        await RunUntilAsync(() => Canaries.Asked.Count >= 4);

        Assert.Equal([1L, 2L, 3L, 4L], Canaries.Asked.Select(round => round.Number));
        Assert.All(Canaries.Asked, round => Assert.Equal(_gateway.Lease.Id, round.Gateway));
    }

    [Fact]
    public async Task Canaries_ThatArriveAtTheObserver_AreNoted()
    {
        Canaries.OnSend = async (gateway, number) =>
        {
            await DeliverAsync(gateway, number);
            return [new SentCanary("silo-1", CanaryOutcome.Sent)];
        };
        await StartAsync();

        await RunUntilAsync(() => Canaries.Asked.Count >= 2);

        var canary = Assert.Single(_gateway.Canaries.Read());
        Assert.Equal(("silo-1", true), (canary.Silo, canary.IsOk));
        Assert.Empty(_gateway.Sink.Received);
        Assert.Equal(0, _gateway.Received.Count);
    }

    [Fact]
    public async Task Canaries_ThatNeverArrive_AreTheReasonWhileTheLeaseIsRenewed()
    {
        Canaries.OnSend = static (_, _) => Task.FromResult<SentCanary[]>([new SentCanary("silo-1", CanaryOutcome.Sent)]);
        await StartAsync();

        await RunUntilAsync(() => _gateway.Gate.UnreachableReason is not null);
        Assert.Equal((true, true), (_gateway.Gate.IsOpen, _gateway.Lease.IsRenewed));
        await DeliverAsync(_gateway.Lease.Id!.Value, Canaries.Asked[^1].Number);

        Assert.Null(_gateway.Gate.UnreachableReason);
    }

    /// <summary>Tests a gateway that also cannot reach the registry: the lease handles that, not the canaries.</summary>
    [Fact]
    public async Task Canaries_AndRenewalsFail_LeaveItToTheLease()
    {
        Canaries.OnSend = static (_, _) => Task.FromResult<SentCanary[]>([new SentCanary("silo-1", CanaryOutcome.Sent)]);
        await StartAsync();
        _gateway.Registry.OnRenew = static _ => Task.FromException<RenewAnswer>(new TimeoutException());
        _gateway.Registry.OnRegister = static _ => Task.FromResult(false);

        await RunUntilAsync(() =>
        {
            Assert.Null(_gateway.Gate.UnreachableReason);
            return _gateway.Gate.IsFenced;
        });
    }

    [Fact]
    public async Task Canaries_OfSilosThatDoNotKnowThem_SayNothing()
    {
        Canaries.OnSend = static (_, _) => Task.FromException<SentCanary[]>(new ArgumentException("Could not find an implementation for interface"));
        await StartAsync();

        await RunUntilAsync(() => Canaries.Asked.Count >= 10);

        Assert.Equal((null, 0), (_gateway.Gate.UnreachableReason, _gateway.Canaries.Read().Count));
    }

    [Fact]
    public async Task Canaries_WithoutAnInterval_AreNotSent()
    {
        _gateway.CanaryOptions.Interval = TimeSpan.Zero;

        await _service.StartAsync(CancellationToken.None);

        await Deadline.RunAsync("the service has nothing to do", token => new ValueTask(_service.ExecuteTask!.WaitAsync(token)));
        Assert.Empty(Canaries.Asked);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        await _gateway.DisposeAsync();
    }

    private async Task StartAsync()
    {
        await _gateway.StartAndRegisterAsync();
        await _service.StartAsync(CancellationToken.None);
    }

    // Waits for three timers: the watch of the lease, its next renewal, and the canaries.
    private Task RunUntilAsync(Func<bool> until) => _gateway.RunAsync(TimeSpan.FromMinutes(2), timers: 3, until);

    private Task<GatewayAnswer[]?> DeliverAsync(Guid gateway, long number)
    {
        var topic = new TopicKey(TopicScope.Canary, number, 0);
        var canary = new SignalEnvelope(topic, 0, 0, 0, number, Encoding.UTF8.GetBytes("silo-1"), null);
        return _gateway.Observers[0].DeliverAsync([new SignalBatch(gateway, Lane.Of(topic), number - 1, [canary], 0)]);
    }
}
