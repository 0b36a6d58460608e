using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Asks the cluster, again and again while it cannot be asked, for as long as a signal may wait for its place.</summary>
internal sealed class PresenceQueries(IBackplane backplane, IOptions<SignalOptions> options, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets the longest time for a query.</summary>
    public TimeSpan Timeout => options.Value.PublishTimeout;

    /// <summary>Returns the answer to a caller when there was none within that time.</summary>
    public Problem NotAnswered(string more) =>
        Problem.NotAnswered($"The cluster could not tell within {Timeout.TotalSeconds:0.#} s which gateways live. {more}");

    /// <summary>Returns the answers; or, when the time is up, how the last try ended.</summary>
    /// <param name="query">A closing whose answers are lost is not repeated: how many it closed could not be told any more.</param>
    /// <param name="arrivedAt">When the request came, which all its queries together count their time from.</param>
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
