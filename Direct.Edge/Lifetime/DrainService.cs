using System.Runtime.InteropServices;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Lifetime;

/// <summary>
/// Stops the node without losing anything. First the node is not ready, then it accepts no connections, and then it closes every connection with a
/// code that tells the client to come back. The closes are spread over time, so that the rest of the cluster is not overloaded, and each connection
/// receives its queue first.
/// </summary>
internal sealed partial class DrainService(
    ConnectionRegistry registry,
    DeadlineWheel wheel,
    NodeHealth health,
    IServer server,
    IOptions<DrainOptions> options,
    IOptions<ConnectionOptions> connections,
    IOptions<NodeOptions> node,
    TimeProvider timeProvider,
    ILogger<DrainService> logger) : IHostedLifecycleService, IDisposable
{
    private const int Terminated = 128 + 15;

    // The interval at which the next few connections are closed.
    private static readonly TimeSpan CloseInterval = TimeSpan.FromMilliseconds(20);

    // Time beyond the close timeout, for requests that are being answered.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // For what follows in a cluster: messages of clients are accepted (5 s), topics that are kept are handed over (4 s), and the lease is ended (1 s).
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(11);

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <summary>Returns the longest time for the whole drain.</summary>
    public static TimeSpan Longest(DrainOptions drain, ConnectionOptions connections) =>
        (drain.ReadyDelay ?? ProductionReadyDelay) + drain.Window + connections.CloseTimeout + Grace + AfterDrain;

    private static TimeSpan ProductionReadyDelay => TimeSpan.FromSeconds(5);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        wheel.Start();
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.StartDraining();
        var readyDelay = options.Value.ReadyDelay ?? (node.Value.IsTest ? TimeSpan.Zero : ProductionReadyDelay);
        Log.Started(logger, registry.Count, readyDelay, options.Value.Window);
        await Task.Delay(readyDelay, timeProvider, cancellationToken);

        // Closes the listeners at once and completes when every connection has ended, or drops those that have not by the deadline.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopping = server.StopAsync(deadline.Token);
        await CloseAllAsync(cancellationToken);
        await stopping.WaitAsync(connections.Value.CloseTimeout + Grace, timeProvider, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCompleted)
        {
            await stopping;
            Log.Ended(logger);
            return;
        }

        Log.Dropped(logger, registry.Count);
        await deadline.CancelAsync();
        await stopping;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        var open = registry.Connections.ToArray();
        Random.Shared.Shuffle(open);
        var duration = TimeSpan.FromSeconds((double)open.Length / options.Value.ClosesPerSecond);
        duration = duration < options.Value.Window ? duration : options.Value.Window;
        var started = timeProvider.GetTimestamp();
        for (var closed = 0; closed < open.Length;)
        {
            var share = duration == TimeSpan.Zero ? 1 : timeProvider.GetElapsedTime(started) / duration;
            var due = Math.Min(open.Length, (int)Math.Ceiling(share * open.Length));
            for (; closed < due; closed++)
            {
                open[closed].BeginClose(CloseReason.GatewayDraining);
            }

            if (closed < open.Length)
            {
                await Task.Delay(CloseInterval * (0.5 + Random.Shared.NextDouble()), timeProvider, cancellationToken);
            }
        }

        // Connections that were admitted while the listeners closed.
        foreach (var latecomer in registry.Connections)
        {
            latecomer.BeginClose(CloseReason.GatewayDraining);
        }
    }

    // The first signal is handled by the host, which starts the drain; the second ends the process at once.
    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Log.SecondSignal(logger);
            Environment.Exit(Terminated);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.DrainStarted, LogLevel.Information,
            "Draining {Connections} connections: not ready for {ReadyDelay}, then closing over at most {Window}")]
        public static partial void Started(ILogger logger, int connections, TimeSpan readyDelay, TimeSpan window);

        [LoggerMessage(EdgeEventIds.DrainEnded, LogLevel.Information, "Drained: every connection has ended")]
        public static partial void Ended(ILogger logger);

        [LoggerMessage(EdgeEventIds.DrainIncomplete, LogLevel.Warning,
            "Drained, but not all connections have ended in time: {Connections} WebSockets and the requests that are still in flight are dropped")]
        public static partial void Dropped(ILogger logger, int connections);

        [LoggerMessage(EdgeEventIds.SecondSignal, LogLevel.Warning, "Received a second signal to stop: stopping at once")]
        public static partial void SecondSignal(ILogger logger);
    }
}
