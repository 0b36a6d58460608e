using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Sends queries to the cluster, and repeats them while the cluster is not ready, for as long as a signal may wait to be accepted.</summary>
internal sealed class PresenceQueries(IBackplane backplane, IOptions<SignalOptions> options, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets the longest time for a query.</summary>
    public TimeSpan Timeout => options.Value.PublishTimeout;

    /// <summary>Returns the answer for a caller whose query had no answer within that time.</summary>
    public Problem NotAnswered(string more) =>
        Problem.NotAnswered($"The cluster could not tell within {Timeout.TotalSeconds:0.#} s which gateways live. {more}");

    /// <summary>Returns the responses; if the time is up, the result of the last try.</summary>
    /// <param name="query">
    /// The query. A command to close connections whose answers are lost is not repeated, because the number that it closed would be unknown.
    /// </param>
    /// <param name="arrivedAt">The arrival of the request, from which the time of all its queries is counted.</param>
    public async Task<ClusterAnswer> QueryAsync(ClusterQuery query, long arrivedAt)
    {
        var delay = FirstRetryDelay;
        while (true)
        {
            var answer = await TryQueryAsync(query, Timeout - timeProvider.GetElapsedTime(arrivedAt));
            var isFinal = answer.Status is QueryStatus.Answered || (answer.Status is QueryStatus.Lost && query.Kind is ClusterQueryKind.Close);
            if (isFinal || timeProvider.GetElapsedTime(arrivedAt) + delay >= Timeout)
            {
                return answer;
            }

            await Task.Delay(delay, timeProvider);
            delay = Backoff.Next(delay, LongestRetryDelay);
        }
    }

    private async Task<ClusterAnswer> TryQueryAsync(ClusterQuery query, TimeSpan timeLeft)
    {
        if (timeLeft <= TimeSpan.Zero)
        {
            return ClusterAnswer.NotReady;
        }

        using var timeout = new CancellationTokenSource(timeLeft, timeProvider);
        try
        {
            return await backplane.QueryAsync(query, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return ClusterAnswer.Lost;
        }
    }
}
