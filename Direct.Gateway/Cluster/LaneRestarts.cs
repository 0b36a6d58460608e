using Direct.Edge.Keeping;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Starts the lanes of kept topics again after a connection to a silo has ended. If the silo has left, its copies of the logs are lost, and the lane of a topic in which nothing happens would
/// not start: this gateway could be the only one that has the log, until it ends too. A lane that starts reads the logs from the gateways.
/// </summary>
internal sealed class LaneRestarts(
    KeptLaneCalls lanes, KeptTopics topics, GatewayLease lease, SiloConnections connections, LanePromises promises, TimeProvider timeProvider) : BackgroundService
{
    /// <summary>Specifies how long to wait after a connection has ended. By then a silo that was killed is given up, and clients have come back.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private const int MaxCalls = 4; // at a time, so that other calls are not delayed
    private const int MostTries = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var handled = 0L;
        while (topics.Follows && await timeProvider.TryDelayAsync(LookPeriod, stoppingToken))
        {
            if (connections.Ended != handled && await timeProvider.TryDelayAsync(Delay, stoppingToken))
            {
                var ended = connections.Ended;
                var areAllStarted = true;
                var kept = topics.Followed.Where(static topic => topic.FirstOffset is not null).DistinctBy(static topic => Lane.Of(topic.Topic.ToKey())).ToList();
                await Background.ForEachAsync(kept, MaxCalls, async topic =>
                {
                    if (!await TryRestartAsync(topic, stoppingToken))
                    {
                        Volatile.Write(ref areAllStarted, false);
                    }
                }).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it throws at the stop
                handled = areAllStarted ? ended : handled; // the others are tried again, for instance when the database of the silos is back
            }
        }
    }

    // Returns false if the lane has not started although its topic is still kept.
    private async Task<bool> TryRestartAsync(FollowedTopic topic, CancellationToken stoppingToken)
    {
        var key = topic.Topic.ToKey();
        var lane = Lane.Of(key);
        for (var tries = 0; tries < MostTries && topic.FirstOffset is { } first && lease.Id is not null; tries++)
        {
            // Asks for no message: any call starts the lane.
            var nothing = new FetchRequest(key, first - 1, first - 1, IsNewestFirst: false, promises.HighestOf(lane));
            if (await lanes.TryAsync(lane, async grain => (await grain.FetchAsync(nothing)).Status is not TailStatus.NotReady, stoppingToken))
            {
                return true;
            }

            await Task.Delay(RetryDelay, timeProvider, stoppingToken);
        }

        return topic.FirstOffset is null || lease.Id is null;
    }
}
