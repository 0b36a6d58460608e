using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Timing;

namespace Direct.Edge.Presence;

/// <summary>Asks every gateway for a recheck of rights, and again until none is under way.</summary>
internal sealed class RecheckQueries(PresenceQueries queries, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets the longest time for a recheck. A caller that has no answer by then repeats it, better with smaller parts.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Returns the last answers of the gateways. If the time is up, some of them say that they are still running.</summary>
    /// <remarks>
    /// The last answers alone decide. A gateway that is missing in them without being named has registered after they were asked, and admitted no
    /// connection before: its look-ups began after the call of the backend.
    /// </remarks>
    public async Task<ClusterAnswer> RunAsync(Target part, long arrivedAt, CancellationToken cancellationToken)
    {
        var query = new ClusterQuery(ClusterQueryKind.Recheck, part) { RecheckId = Guid.NewGuid() };
        var delay = FirstDelay;
        while (true)
        {
            var answer = await queries.QueryAsync(query, timeProvider.GetTimestamp());
            var isRunning = answer.Responses.Any(static named => named.Response.Recheck is { State: RecheckState.Running });
            if (!isRunning || timeProvider.GetElapsedTime(arrivedAt) + delay >= Timeout)
            {
                return answer;
            }

            await Task.Delay(delay, timeProvider, cancellationToken);
            delay = Backoff.Next(delay, LongestDelay);
        }
    }
}
