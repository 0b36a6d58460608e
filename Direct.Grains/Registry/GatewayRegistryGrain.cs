using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Direct.Grains.Registry;

/// <summary>See <see cref="IGatewayRegistryGrain"/>; the leases themselves are in <see cref="GatewayLeases"/>.</summary>
/// <remarks>
/// A registry on a silo that the cluster has given up must not speak: its own silo would believe it. So it answers only while every
/// silo it takes for active has asked within a second and a half, or the membership table itself has just confirmed the silo it runs on. When
/// the table cannot be read either, its gateways are the witnesses: had another registry taken over, they would be asking that one.
/// </remarks>
[GrainType("direct.gateway-registry"), Reentrant]
internal sealed partial class GatewayRegistryGrain(
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    IOptions<RegistryOptions> options,
    GrainMetrics metrics,
    TimeProvider timeProvider,
    ILogger<GatewayRegistryGrain> logger) : Grain, IGatewayRegistryGrain
{
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HoldPoll = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan FreshFor = LiveGateways.FenceAfter;
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromMilliseconds(500);

    // Two renewals: shorter than a silo is missed before it is given up, and another registry takes over.
    private static readonly TimeSpan WitnessFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitForSilos = TimeSpan.FromSeconds(4);

    private readonly GatewayLeases _leases = new(options.Value, timeProvider);
    private TaskCompletionSource _changed = NewSignal();
    private Task _refreshing = Task.CompletedTask;
    private long _refreshedAt = timeProvider.GetTimestamp();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(ExpireAsync, new GrainTimerCreationOptions(ExpiryPeriod, ExpiryPeriod) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async ValueTask<bool> RegisterAsync(GatewayEntry gateway)
    {
        if (_leases.RefusalOf(gateway) is not null)
        {
            return false;
        }

        var version = _leases.Add(gateway);
        Changed();
        if (!await AllSilosHaveAsync(version))
        {
            return false;
        }

        Log.Registered(logger, gateway.Name, gateway.Id);
        if (options.Value.ColdStartDelay > TimeSpan.Zero && gateway.FenceAfter > options.Value.ColdStartDelay)
        {
            Log.ColdStartTooShort(logger, gateway.Name, gateway.FenceAfter.Value, options.Value.ColdStartDelay);
        }

        return true;
    }

    public ValueTask<string?> RefusalAsync(GatewayEntry gateway) => new(_leases.RefusalOf(gateway));

    public async ValueTask<RenewAnswer> RenewAsync(GatewayEntry gateway, long highestTestId)
    {
        _leases.Asked(gateway.Id);
        await ConfirmAsync();
        var version = _leases.Version;
        var isRenewed = _leases.TryRenew(gateway, highestTestId);
        if (_leases.Version != version)
        {
            Changed();
        }

        return isRenewed ? RenewAnswer.Renewed : RenewAnswer.Unknown;
    }

    public ValueTask LeaveAsync(Guid gateway)
    {
        if (_leases.Remove(gateway))
        {
            Log.Left(logger, gateway);
            Changed();
        }

        return default;
    }

    public async ValueTask<PollAnswer> PollAsync(SiloAddress silo, GatewayTable known, bool isComplete)
    {
        if (!IsMember(silo))
        {
            return new PollAnswer(PollStatus.NotActive, null);
        }

        var isNews = !_leases.IsCurrent(known);
        _leases.Polled(silo, known);
        if (isComplete)
        {
            _leases.Heard(silo, known);
        }

        TryServe();

        // Whoever waits for all silos to have a version looks again.
        Changed();
        if (!_leases.IsServing)
        {
            await Task.WhenAny(_changed.Task, Task.Delay(HoldPoll / 5, timeProvider));
            return new PollAnswer(isComplete ? PollStatus.NotActive : PollStatus.SendEntries, null);
        }

        if (!isNews && _leases.IsCurrent(known))
        {
            await HoldAsync(known);
        }

        await ConfirmAsync();
        return new PollAnswer(PollStatus.Current, _leases.IsCurrent(known) ? null : _leases.Table);
    }

    public async ValueTask<long> TakeTestIdsAsync()
    {
        if (!_leases.IsServing)
        {
            return 0;
        }

        // Not before every silo knows: a registry that starts anew must never give the same block again.
        var first = _leases.TakeTestIds(IGatewayRegistryGrain.TestIdBlock);
        Changed();
        return await AllSilosHaveAsync(_leases.Version) ? first : 0;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IReadOnlyCollection<SiloAddress> ActiveSilos() =>
        [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];

    // One that is stopping has grains yet, until they have moved.
    private bool IsMember(SiloAddress silo) => membership.CurrentSnapshot.Members.TryGetValue(silo, out var member)
        && member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping;

    private void Changed()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private bool TryServe()
    {
        var serves = _leases.TryServe(ActiveSilos());
        if (serves)
        {
            Log.Serves(logger, _leases.Table.Entries.Length);
        }

        return serves;
    }

    // Until there is news, or the silo must hear again that the registry lives.
    private async Task HoldAsync(GatewayTable known)
    {
        var end = Task.Delay(HoldPoll, timeProvider);
        while (_leases.IsCurrent(known) && !end.IsCompleted)
        {
            await Task.WhenAny(_changed.Task, end);
        }
    }

    private async Task<bool> AllSilosHaveAsync(long version)
    {
        var end = Task.Delay(WaitForSilos, timeProvider);
        while (!_leases.IsServing || !_leases.AllHave(version, ActiveSilos()) || _leases.MaySomebodyLag(version, LiveGateways.FenceAfter))
        {
            await Task.WhenAny(_changed.Task, end);
            if (end.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    // Throws where this silo cannot be told from one that was given up.
    private async Task ConfirmAsync()
    {
        if (_leases.AllPolledWithin(FreshFor, ActiveSilos()) || timeProvider.GetElapsedTime(_refreshedAt) <= FreshFor)
        {
            return;
        }

        if (_refreshing.IsCompleted)
        {
            _refreshing = RefreshAsync();
        }

        await Task.WhenAny(_refreshing, Task.Delay(RefreshPatience, timeProvider));
        if (!IsMember(local.SiloAddress))
        {
            throw new InvalidOperationException($"Silo {local.SiloAddress} is not active any more.");
        }

        if (timeProvider.GetElapsedTime(_refreshedAt) > FreshFor && !_leases.AllAskedWithin(WitnessFor))
        {
            throw new InvalidOperationException(
                $"Silo {local.SiloAddress} cannot tell whether the cluster has given it up: not all silos and gateways ask it, and the membership table cannot be read.");
        }
    }

    private async Task RefreshAsync()
    {
        var startedAt = timeProvider.GetTimestamp();
        try
        {
            await membership.Refresh();
            _refreshedAt = startedAt;
        }
#pragma warning disable CA1031 // Whatever the database's client throws: the table has not been read.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RefreshFailed(logger, exception);
        }
    }

    private Task ExpireAsync(CancellationToken cancellationToken)
    {
        var lapsed = _leases.Expire();
        foreach (var gateway in lapsed)
        {
            Log.Expired(logger, gateway.Name, gateway.Id);
            metrics.GatewayExpired();
        }

        if (TryServe() || lapsed.Count > 0)
        {
            Changed();
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.RegistryServes, LogLevel.Information, "The gateway registry serves here and knows {Gateways} gateways")]
        public static partial void Serves(ILogger logger, int gateways);

        [LoggerMessage(GrainEventIds.GatewayRegistered, LogLevel.Information, "Gateway {Name} ({Id}) has registered")]
        public static partial void Registered(ILogger logger, string name, Guid id);

        [LoggerMessage(GrainEventIds.ColdStartTooShort, LogLevel.Warning, "Direct:Registry:ColdStartDelay is {ColdStartDelay}; it should be at least Direct:Cluster:FenceAfter of gateway {Name} ({FenceAfter}), which may have connections for so long after all silos have ended")]
        public static partial void ColdStartTooShort(ILogger logger, string name, TimeSpan fenceAfter, TimeSpan coldStartDelay);

        [LoggerMessage(GrainEventIds.GatewayExpired, LogLevel.Warning, "Gateway {Name} ({Id}) has not renewed its lease and counts as dead")]
        public static partial void Expired(ILogger logger, string name, Guid id);

        [LoggerMessage(GrainEventIds.RefreshFailed, LogLevel.Debug, "Reading the membership table failed")]
        public static partial void RefreshFailed(ILogger logger, Exception exception);

        [LoggerMessage(GrainEventIds.GatewayLeft, LogLevel.Information, "Gateway {Id} has left")]
        public static partial void Left(ILogger logger, Guid id);
    }
}
