using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Gateway.Canaries;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Gateways;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Holds this gateway's lease in the cluster. While it has one, every silo sends it the topics that it wants. If it cannot renew the lease, it fences
/// itself before the cluster stops waiting for it: it closes every connection and admits no new one. Then it registers again under a new id. See
/// leases and fencing in docs/internals/cluster.md.
/// </summary>
internal sealed partial class GatewayLease(
    IGrainFactory grains,
    LaneDeduplicator received,
    ISignalSink sink,
    IPresenceHandler presenceHandler,
    RecoveryHandler recovery,
    WantedTopics wanted,
    NodeGate gate,
    SiloConnections connections,
    CanaryBoard canaries,
    Lazy<INodeFence> fence,
    IOptions<BackplaneOptions> options,
    IOptions<EndpointOptions> endpoints,
    ClusterMetrics metrics,
    TimeProvider timeProvider,
    ILogger<GatewayLease> logger,
    LocalGateways? local = null,
    IOptions<KeepOptions>? keep = null) : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RegisterTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromMinutes(1);

    private GatewayObserver[] _observers = []; // held here, because Orleans has only weak references to them
    private volatile GatewayEntry? _entry; // not null while the lease is held
    private string? _refusal;
    private long _refusalLoggedAt;

    /// <summary>Gets this gateway's id in the cluster while it holds a lease; otherwise null.</summary>
    public Guid? Id => IsFenced ? null : _entry?.Id;

    /// <summary>Whether the registry renews the lease: one of the last two renewals has succeeded.</summary>
    public bool IsRenewed => Id is not null && gate.LeaseLeft is { } left && options.Value.FenceAfter - left <= (options.Value.RenewInterval * 2) + CallTimeout;

    /// <summary>This gateway's name for people.</summary>
    public string Name => options.Value.Name ?? $"{Environment.MachineName}:{endpoints.Value.Port}";

    /// <inheritdoc cref="NodeGate.IsFenced" />
    public bool IsFenced => gate.IsFenced;

    /// <summary>Gets or sets the highest test id that this gateway has assigned or holds. Every renewal reports it.</summary>
    public long HighestTestId { get; set; }

    // The host starts this service before Kestrel. The loop runs on another thread, which may begin after Kestrel listens.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        gate.Shut();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_entry is { } entry)
        {
            _entry = null;
            gate.EndLease();
            await LeaveAsync(entry, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Begin();
        metrics.ObserveLease(() => _entry is not null && !IsFenced);
        while (!stoppingToken.IsCancellationRequested)
        {
            // The same entry for every try, because one that seemed to fail may have been accepted.
            var id = Guid.NewGuid();
            _observers = [.. Enumerable.Range(0, options.Value.Stripes).Select(_ => new GatewayObserver(received, sink, presenceHandler, recovery, canaries, this, timeProvider))];
            var entry = NewEntry(id);
            local?.Add(entry.Id, _observers);
            while (!stoppingToken.IsCancellationRequested && !await TryRegisterAsync(entry, stoppingToken))
            {
                await Task.Delay(RetryDelay, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_entry is null)
            {
                await LeaveAsync(entry, CancellationToken.None); // a try may have been accepted nevertheless
                return;
            }

            fence.Value.BeginLease();
            gate.Open();
            await HoldAsync(entry, stoppingToken);
        }
    }

    private GatewayEntry NewEntry(Guid id)
    {
        var entry = new GatewayEntry(id, Name, [.. _observers.Select(grains.CreateObjectReference<IGatewayObserver>)], options.Value.FenceAfter);
        return sink.Follows && keep is not null
            ? entry with { Keeps = true, KeepFor = keep.Value.Window, RemembersIdsFor = keep.Value.RemembersIdsFor }
            : entry;
    }

    private async Task<bool> TryRegisterAsync(GatewayEntry entry, CancellationToken stoppingToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        try
        {
            if (await Registry.RegisterAsync(entry).AsTask().WaitAsync(RegisterTimeout, timeProvider, stoppingToken))
            {
                gate.LeaseUntil(FenceAt(startedAt));
                _entry = entry;
                _refusal = null;
                Log.Registered(logger, entry.Name, entry.Id);
                return true;
            }

            if (await Registry.RefusalAsync(entry).AsTask().WaitAsync(CallTimeout, timeProvider, stoppingToken) is { } refusal)
            {
                Refused(refusal);
            }
            else
            {
                Log.RegisterFailed(logger, null);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
#pragma warning disable CA1031 // The top of a loop: after any exception the gateway must try again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RegisterFailed(logger, exception);
            if (exception is TimeoutException)
            {
                connections.AbortAll(); // without a lease nothing is lost with them
            }
        }

        return false;
    }

    // An operator must change a setting; until then every try is refused.
    private void Refused(string refusal)
    {
        gate.Block(refusal);
        if (refusal != _refusal || timeProvider.GetElapsedTime(_refusalLoggedAt) >= SayAgainAfter)
        {
            (_refusal, _refusalLoggedAt) = (refusal, timeProvider.GetTimestamp());
            Log.Refused(logger, refusal);
        }
    }

    private long FenceAt(long renewedAt) => renewedAt + (long)(options.Value.FenceAfter.TotalSeconds * timeProvider.TimestampFrequency);

    // Runs until the lease is lost and everything that depended on it has ended, or until the node stops; then StopAsync ends the lease.
    private async Task HoldAsync(GatewayEntry entry, CancellationToken stoppingToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(entry, lost.Token);
        while (!IsFenced && !renewing.IsCompleted && !stoppingToken.IsCancellationRequested)
        {
            // A separate timer, because the renewal may wait for a call.
            await Task.Delay(WatchPeriod, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await lost.CancelAsync();
        if (stoppingToken.IsCancellationRequested)
        {
            await renewing;
            return;
        }

        gate.Fence();
        _entry = null;
        metrics.Fenced();
        Log.Fenced(logger, options.Value.FenceAfter);
        await fence.Value.CloseAllAsync();
        await renewing;
        wanted.Clear();
        await LeaveAsync(entry, stoppingToken); // so that no silo waits for it until its lease is over
        Array.ForEach(_observers, static observer => observer.End());
        gate.EndLease();
        local?.Remove(entry.Id);
        Array.ForEach(entry.Observers, grains.DeleteObjectReference<IGatewayObserver>);
    }

    private async Task RenewAsync(GatewayEntry entry, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.Value.RenewInterval, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isRenewed = false;
            while (!isRenewed)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                var startedAt = timeProvider.GetTimestamp();
                switch (await TryRenewAsync(entry, cancellationToken))
                {
                    case RenewAnswer.Renewed:
                        // A renewal that was answered after the fence does not count.
                        isRenewed = !IsFenced;
                        if (isRenewed)
                        {
                            gate.LeaseUntil(FenceAt(startedAt));
                        }

                        break;
                    case RenewAnswer.Unknown:
                        return;
                    default:
                        await Task.Delay(RetryDelay, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        break;
                }

                if (IsFenced)
                {
                    return;
                }
            }
        }
    }

    private async Task<RenewAnswer?> TryRenewAsync(GatewayEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await Registry.RenewAsync(entry, HighestTestId).AsTask().WaitAsync(CallTimeout, timeProvider, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null; // the gateway stops, or its lease has ended
        }
#pragma warning disable CA1031 // The top of a loop: after any exception the renewal must be tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RenewFailed(logger, exception);
            return null;
        }
    }

    // If the call does not arrive, the lease ends by itself.
    private Task LeaveAsync(GatewayEntry entry, CancellationToken cancellationToken) =>
        Registry.LeaveAsync(entry.Id).AsTask().WaitAsync(CallTimeout, timeProvider, cancellationToken)
            .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // Created when it is first needed: a client of the cluster knows no grains until it is connected.
    private IGatewayRegistryGrain Registry => grains.GetGrain<IGatewayRegistryGrain>(0);

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.Registered, LogLevel.Information, "Gateway {Name} ({Id}) is registered with the cluster")]
        public static partial void Registered(ILogger logger, string name, Guid id);

        [LoggerMessage(GatewayEventIds.RegisterFailed, LogLevel.Warning, "Registering with the cluster failed, trying again")]
        public static partial void RegisterFailed(ILogger logger, Exception? exception);

        [LoggerMessage(GatewayEventIds.RenewFailed, LogLevel.Warning, "Renewing the lease failed, trying again")]
        public static partial void RenewFailed(ILogger logger, Exception exception);

        [LoggerMessage(GatewayEventIds.Refused, LogLevel.Error, "The cluster refuses this gateway, which admits no connection and tries again: {Refusal}")]
        public static partial void Refused(ILogger logger, string refusal);

        [LoggerMessage(GatewayEventIds.Fenced, LogLevel.Error, "The lease could not be renewed within {FenceAfter}: every connection is closed, and the gateway registers again")]
        public static partial void Fenced(ILogger logger, TimeSpan fenceAfter);
    }
}
