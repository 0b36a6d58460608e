using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Gateway.Canaries;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Gateways;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// This gateway's standing in the cluster. While it holds a lease, every silo hands it what it wants. When it cannot renew the lease it
/// fences itself - closes every connection, lets nobody in - before the cluster stops waiting for it, and starts over under a new id.
/// </summary>
internal sealed partial class GatewayLease(
    IGrainFactory grains,
    LaneDeduplicator received,
    ISignalSink sink,
    IPresenceHandler desk,
    WantedTopics wanted,
    NodeGate gate,
    SiloConnections connections,
    CanaryBoard canaries,
    Lazy<INodeFence> fence,
    IOptions<BackplaneOptions> options,
    IOptions<EndpointOptions> endpoints,
    ClusterMetrics metrics,
    TimeProvider timeProvider,
    ILogger<GatewayLease> logger) : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RegisterTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromMinutes(1);

    private IGatewayObserver[] _observers = []; // held here, because Orleans holds them by a weak reference only
    private volatile GatewayEntry? _entry; // while the lease is held
    private string? _refusal;
    private long _refusalLoggedAt;

    /// <summary>This gateway's id in the cluster while it holds a lease; else null.</summary>
    public Guid? Id => IsFenced ? null : _entry?.Id;

    /// <summary>Whether the registry renews the lease: one of the last two renewals has succeeded.</summary>
    public bool IsRenewed => Id is not null && gate.LeaseLeft is { } left && options.Value.FenceAfter - left <= (options.Value.RenewInterval * 2) + CallTimeout;

    /// <summary>This gateway's name for people.</summary>
    public string Name => options.Value.Name ?? $"{Environment.MachineName}:{endpoints.Value.Port}";

    /// <inheritdoc cref="NodeGate.IsFenced" />
    public bool IsFenced => gate.IsFenced;

    /// <summary>The highest test id handed out or held here, which every renewal reports.</summary>
    public long HighestTestId { get; set; }

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
        _observers = [.. Enumerable.Range(0, options.Value.Stripes).Select(_ => new GatewayObserver(received, sink, desk, canaries, this, timeProvider))];
        metrics.Begin();
        metrics.ObserveLease(() => _entry is not null && !IsFenced);
        gate.Shut();
        while (!stoppingToken.IsCancellationRequested)
        {
            // The same entry for every try: one that seemed to fail may have been taken.
            var entry = new GatewayEntry(Guid.NewGuid(), Name, [.. _observers.Select(grains.CreateObjectReference<IGatewayObserver>)], options.Value.FenceAfter);
            while (!stoppingToken.IsCancellationRequested && !await TryRegisterAsync(entry, stoppingToken))
            {
                await Task.Delay(RetryDelay, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_entry is null)
            {
                await LeaveAsync(entry, CancellationToken.None); // a try may have been taken all the same
                return;
            }

            gate.Open();
            await HoldAsync(entry, stoppingToken);
        }
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
#pragma warning disable CA1031 // The top of a loop: whatever the call throws, the gateway must try again.
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

    // Somebody must change a setting; until then every try is refused.
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

    // Until the lease is lost, and then everything that rested on it is gone; or until the node ends, and then it is left to StopAsync.
    private async Task HoldAsync(GatewayEntry entry, CancellationToken stoppingToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(entry, lost.Token);
        while (!IsFenced && !renewing.IsCompleted && !stoppingToken.IsCancellationRequested)
        {
            // A timer of its own: the renewal may be stuck in a call.
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
        await LeaveAsync(entry, stoppingToken); // nobody need wait for it until its lease is over
        gate.EndLease();
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
                        // One that was answered after the fence came too late to count.
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
#pragma warning disable CA1031 // The top of a loop: whatever the call throws, the lease must be tried for again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RenewFailed(logger, exception);
            return null;
        }
    }

    // If it does not arrive, the lease ends by itself.
    private Task LeaveAsync(GatewayEntry entry, CancellationToken cancellationToken) =>
        Registry.LeaveAsync(entry.Id).AsTask().WaitAsync(CallTimeout, timeProvider, cancellationToken)
            .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // Not before it is needed: a client of the cluster knows no grains until it is connected.
    private IGatewayRegistryGrain Registry => grains.GetGrain<IGatewayRegistryGrain>(0);

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.Registered, LogLevel.Information, "Gateway {Name} ({Id}) is registered with the cluster")]
        public static partial void Registered(ILogger logger, string name, Guid id);

        [LoggerMessage(GatewayEventIds.RegisterFailed, LogLevel.Warning, "Registering with the cluster failed, trying again")]
        public static partial void RegisterFailed(ILogger logger, Exception? exception);

        [LoggerMessage(GatewayEventIds.RenewFailed, LogLevel.Warning, "Renewing the lease failed, trying again")]
        public static partial void RenewFailed(ILogger logger, Exception exception);

        [LoggerMessage(GatewayEventIds.Refused, LogLevel.Error, "The cluster refuses this gateway, which lets nobody in and tries again: {Refusal}")]
        public static partial void Refused(ILogger logger, string refusal);

        [LoggerMessage(GatewayEventIds.Fenced, LogLevel.Error, "The lease could not be renewed within {FenceAfter}: every connection is closed, and the gateway starts over")]
        public static partial void Fenced(ILogger logger, TimeSpan fenceAfter);
    }
}
