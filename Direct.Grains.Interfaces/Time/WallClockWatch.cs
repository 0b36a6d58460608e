using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Grains.Time;

/// <summary>
/// Lets a node connect again after the wall clock was set back. Orleans records the wall time at which a connection failed and tries again
/// <see cref="ConnectionOptions.ConnectionRetryDelay"/> later. After a correction of an hour, that would be an hour later.
/// </summary>
internal sealed partial class WallClockWatch(IOptions<ConnectionOptions> options, ILogger<WallClockWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _usualDelay = options.Value.ConnectionRetryDelay;
    private DateTimeOffset _latest;
    private bool _isBehind;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            Look(TimeProvider.System.GetUtcNow()); // the wall clock itself: the TimeProvider of a silo does not follow it
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Until the clock has reached its former time, a failure may have been recorded with a later time than now.
    internal void Look(DateTimeOffset now)
    {
        var behind = _latest - now;
        if (behind <= TimeSpan.Zero)
        {
            _latest = now;
            _isBehind = false;
            options.Value.ConnectionRetryDelay = _usualDelay;
            return;
        }

        options.Value.ConnectionRetryDelay = -behind;
        if (!_isBehind && behind > Period)
        {
            _isBehind = true;
            Log.SetBack(logger, behind);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(ClusterEventIds.ClockSetBack, LogLevel.Warning, "The wall clock of this machine was set back by {Behind}; this node continues")]
        public static partial void SetBack(ILogger logger, TimeSpan behind);
    }
}

/// <summary>Adds the services that a node of a cluster needs when the wall clock is set.</summary>
public static class WallClockServices
{
    /// <summary>Watches the wall clock from the start of the node to its end.</summary>
    public static IServiceCollection AddWallClockWatch(this IServiceCollection services) => services.AddHostedService<WallClockWatch>();
}
