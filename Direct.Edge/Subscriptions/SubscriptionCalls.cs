using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Subscriptions;

/// <summary>Calls the cluster to subscribe and unsubscribe topics, and to fetch what is missing of them, and logs the calls that fail.</summary>
internal sealed partial class SubscriptionCalls(IBackplane backplane, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(1);

    private long _warnedAt;

    /// <summary>Subscribes to a topic. Returns false if the call failed; the cluster may have received it nevertheless.</summary>
    public Task<bool> TrySubscribeAsync(Topic topic) => TryAsync(topic, "Subscribing to", backplane.SubscribeAsync);

    /// <summary>Subscribes to a topic with keep, and opens what is kept of it here.</summary>
    /// <inheritdoc cref="TrySubscribeAsync" />
    public Task<bool> TrySubscribeKeptAsync(FollowedTopic kept) => TryAsync(kept.Topic, "Keeping", (_, token) => backplane.SubscribeKeptAsync(kept, token));

    /// <inheritdoc cref="TrySubscribeAsync" />
    public Task<bool> TryUnsubscribeAsync(Topic topic) => TryAsync(topic, "Unsubscribing from", backplane.UnsubscribeAsync);

    /// <summary>Asks for messages of a log. Returns false if the call failed.</summary>
    public Task<bool> TryFetchAsync(FollowedTopic kept, LogRange range) =>
        TryAsync(kept.Topic, "Fetching messages of", (_, token) => backplane.FetchAsync(kept, range, token));

    private async Task<bool> TryAsync(Topic topic, string action, Func<Topic, CancellationToken, ValueTask> call)
    {
        try
        {
            await call(topic, CancellationToken.None);
            return true;
        }
#pragma warning disable CA1031 // The top of a loop: the topic is tried again after any exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(exception, action, topic);
            return false;
        }
    }

    // Logs at most one warning a second. While the cluster refuses, every try of every topic fails, and clients decide how many there are.
    private void Report(Exception exception, string action, Topic topic)
    {
        var warnedAt = Volatile.Read(ref _warnedAt);
        var isWarning = (warnedAt == 0 || timeProvider.GetElapsedTime(warnedAt) >= WarningInterval)
            && Interlocked.CompareExchange(ref _warnedAt, timeProvider.GetTimestamp(), warnedAt) == warnedAt;
        if (isWarning)
        {
            Log.Failed(logger, exception, action, topic);
        }
        else
        {
            Log.AlsoFailed(logger, exception, action, topic);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.SubscriptionFailed,
            LogLevel.Warning,
            "{Action} {Topic} failed. Others that fail within a second are logged at level Debug")]
        public static partial void Failed(ILogger logger, Exception exception, string action, Topic topic);

        [LoggerMessage(EdgeEventIds.SubscriptionFailedToo, LogLevel.Debug, "{Action} {Topic} failed")]
        public static partial void AlsoFailed(ILogger logger, Exception exception, string action, Topic topic);
    }
}
