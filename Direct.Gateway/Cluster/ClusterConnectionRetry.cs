namespace Direct.Gateway.Cluster;

/// <summary>A gateway that starts before its cluster waits for it, whatever is still missing: silos or their database.</summary>
internal sealed partial class ClusterConnectionRetry(TimeProvider timeProvider, ILogger<ClusterConnectionRetry> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private TimeSpan _delay = TimeSpan.FromMilliseconds(250);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        Log.ConnectFailed(logger, exception.Message, _delay);
        await Task.Delay(_delay, timeProvider, cancellationToken);
        _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
        return !cancellationToken.IsCancellationRequested;
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.ConnectFailed, LogLevel.Warning, "The cluster cannot be reached ({Reason}); trying again in {Delay}")]
        public static partial void ConnectFailed(ILogger logger, string reason, TimeSpan delay);
    }
}
