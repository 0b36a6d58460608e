using Direct.Grains.Gateways;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Direct.Grains.Registry;

/// <summary>
/// Answers the calls of gateways and silos; see <see cref="IGatewayRegistryGrain"/>. The plain classes that it calls are used only in its turns.
/// </summary>
[GrainType("direct.gateway-registry"), Reentrant]
internal sealed partial class GatewayRegistryGrain : Grain, IGatewayRegistryGrain
{
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecordPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HoldPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WaitForSilos = TimeSpan.FromSeconds(4);

    private readonly IClusterMembershipService _membership;
    private readonly RegistryOptions _options;
    private readonly GrainMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<GatewayRegistryGrain> _logger;
    private readonly LeaseTable _leases;
    private readonly RegistryTakeover _takeover;
    private readonly RegistryTable _table;
    private readonly SiloVersions _silos;
    private readonly RegistryAuthority _authority;
    private readonly LeaseRecorder _recorder;
    private TaskCompletionSource _changed = NewSignal();

    public GatewayRegistryGrain(
        IClusterMembershipService membership,
        ILocalSiloDetails local,
        IOptions<RegistryOptions> options,
        ILeaseRecord record,
        GrainMetrics metrics,
        TimeProvider timeProvider,
        ILogger<GatewayRegistryGrain> logger)
    {
        (_membership, _options, _metrics, _timeProvider, _logger) = (membership, options.Value, metrics, timeProvider, logger);
        _leases = new LeaseTable(options.Value, timeProvider);
        _takeover = new RegistryTakeover(options.Value, timeProvider);
        _table = new RegistryTable(_leases, _takeover);
        _silos = new SiloVersions(membership, timeProvider);
        _authority = new RegistryAuthority(membership, local.SiloAddress, _silos, _leases, timeProvider, logger);
        _recorder = new LeaseRecorder(record, timeProvider, logger);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(ExpireAsync, new GrainTimerCreationOptions(ExpiryPeriod, ExpiryPeriod) { KeepAlive = true });
        this.RegisterGrainTimer(KeepRecordAsync, new GrainTimerCreationOptions(TimeSpan.Zero, RecordPeriod) { KeepAlive = true, Interleave = true });
        return Task.CompletedTask;
    }

    public async ValueTask<bool> RegisterAsync(GatewayEntry gateway)
    {
        if (_leases.RefusalOf(gateway) is not null)
        {
            return false;
        }

        var version = _table.Add(gateway);
        Changed();
        if (!await AllSilosHaveAsync(version))
        {
            return false;
        }

        if (!await _recorder.TrySetAsync())
        {
            Log.NotRecorded(_logger, gateway.Name);
            return false;
        }

        Log.Registered(_logger, gateway.Name, gateway.Id);
        if (_options.ColdStartDelay > TimeSpan.Zero && gateway.FenceAfter > _options.ColdStartDelay)
        {
            Log.ColdStartTooShort(_logger, gateway.Name, gateway.FenceAfter.Value, _options.ColdStartDelay);
        }

        return true;
    }

    public ValueTask<string?> RefusalAsync(GatewayEntry gateway) => new(_leases.RefusalOf(gateway));

    public async ValueTask<RenewAnswer> RenewAsync(GatewayEntry gateway, long highestTestId)
    {
        _leases.RecordQuery(gateway.Id);
        await _authority.ConfirmAsync();
        var version = _table.Version;
        var isRenewed = _table.TryRenew(gateway, highestTestId);
        if (_table.Version != version)
        {
            Changed();
        }

        return isRenewed ? RenewAnswer.Renewed : RenewAnswer.Unknown;
    }

    public async ValueTask LeaveAsync(Guid gateway)
    {
        if (_table.Remove(gateway))
        {
            Log.Left(_logger, gateway);
            Changed();
            if (_leases.IsEmpty)
            {
                await _recorder.ClearAsync(); // at once: the silos may be stopped next
            }
        }
    }

    public async ValueTask<PollAnswer> PollAsync(SiloAddress silo, GatewayTable known, bool isComplete)
    {
        if (!_membership.IsMember(silo))
        {
            return new PollAnswer(PollStatus.NotActive, null);
        }

        var isNews = !_table.IsCurrent(known);
        _silos.Record(silo, _table.VersionOf(known));
        if (isComplete)
        {
            _table.Merge(silo, known);
        }

        TryServe();

        // Those that wait until all silos have a version check again.
        Changed();
        if (!_takeover.IsServing)
        {
            await Task.WhenAny(_changed.Task, Task.Delay(HoldPoll / 5, _timeProvider));
            return new PollAnswer(isComplete ? PollStatus.NotActive : PollStatus.SendEntries, null);
        }

        if (!isNews && _table.IsCurrent(known))
        {
            await HoldAsync(known);
        }

        await _authority.ConfirmAsync();
        return new PollAnswer(PollStatus.Current, _table.IsCurrent(known) ? null : _table.Current);
    }

    public async ValueTask<long> TakeTestIdsAsync()
    {
        if (!_takeover.IsServing)
        {
            return 0;
        }

        // Waits until every silo knows: a registry that starts later must not assign the same block again.
        var first = _table.TakeTestIds(IGatewayRegistryGrain.TestIdBlock);
        Changed();
        return await AllSilosHaveAsync(_table.Version) ? first : 0;
    }

    /// <summary>
    /// Keeps the record of leases in step with the table. Before the registry serves, it reads whether the registry has to wait for earlier leases.
    /// It is public for tests, which have no timers.
    /// </summary>
    public async Task KeepRecordAsync(CancellationToken cancellationToken)
    {
        if (_takeover.IsServing)
        {
            await (_leases.IsEmpty ? _recorder.ClearAsync() : _recorder.KeepAsync());
        }
        else if (await _recorder.IsClearAsync())
        {
            _takeover.IsKnownEmpty = true;
            if (TryServe())
            {
                Changed();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Changed()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private bool TryServe()
    {
        var serves = _table.TryServe(_membership.ActiveSilos());
        if (serves)
        {
            Log.Serves(_logger, _table.Current.Entries.Length);
        }

        return serves;
    }

    // Until there is a change, or the silo must learn again that the registry is alive.
    private async Task HoldAsync(GatewayTable known)
    {
        var end = Task.Delay(HoldPoll, _timeProvider);
        while (_table.IsCurrent(known) && !end.IsCompleted)
        {
            await Task.WhenAny(_changed.Task, end);
        }
    }

    private async Task<bool> AllSilosHaveAsync(long version)
    {
        var end = Task.Delay(WaitForSilos, _timeProvider);
        while (!_takeover.IsServing || !_silos.AllHave(version) || _silos.MayAnyLag(version))
        {
            await Task.WhenAny(_changed.Task, end);
            if (end.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    private Task ExpireAsync(CancellationToken cancellationToken)
    {
        var lapsed = _table.Expire();
        foreach (var gateway in lapsed)
        {
            Log.Expired(_logger, gateway.Name, gateway.Id);
            _metrics.GatewayExpired();
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

        [LoggerMessage(GrainEventIds.GatewayNotRecorded, LogLevel.Warning, "Gateway {Name} is not registered yet: the membership database has not confirmed that it records the lease")]
        public static partial void NotRecorded(ILogger logger, string name);

        [LoggerMessage(GrainEventIds.GatewayExpired, LogLevel.Warning, "Gateway {Name} ({Id}) has not renewed its lease and counts as dead")]
        public static partial void Expired(ILogger logger, string name, Guid id);

        [LoggerMessage(GrainEventIds.GatewayLeft, LogLevel.Information, "Gateway {Id} has left")]
        public static partial void Left(ILogger logger, Guid id);
    }
}
