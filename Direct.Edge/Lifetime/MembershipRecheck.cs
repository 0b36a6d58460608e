using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Lifetime;

/// <summary>
/// Looks up the rights of members of rooms again, and removes those who have lost the right to read. If the source cannot answer, nobody is removed.
/// </summary>
internal sealed partial class MembershipRecheck(
    RoomRights rights,
    ConnectionRegistry registry,
    TopicIndex index,
    GatewayMetrics metrics,
    IOptions<RightsOptions> options,
    TimeProvider timeProvider,
    ILogger<MembershipRecheck> logger) : BackgroundService
{
    /// <summary>
    /// Discards all answers for a part, looks up every membership that matches it, and ends those without the right to read. Joins that are under way
    /// look their right up again.
    /// </summary>
    public Task<RecheckResult> RunAsync(Target part, CancellationToken cancellationToken)
    {
        rights.Discard(part);
        return CheckAsync(part, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.RecheckInterval;
        if (rights.IsOpen || interval == TimeSpan.Zero)
        {
            return;
        }

        // Spreads the look-ups of gateways that were started together.
        var delay = interval * Random.Shared.NextDouble();
        while (true)
        {
            await Task.Delay(delay, timeProvider, stoppingToken);
            delay = interval;
            try
            {
                await CheckAsync(default, stoppingToken);
            }
#pragma warning disable CA1031 // The top of a loop: an error must not end the node, or the checks.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
            }
        }
    }

    // A few look-ups at once, so that the source has time for others. It ends when the source is down: later ones would not be answered either.
    private async Task<RecheckResult> CheckAsync(Target part, CancellationToken cancellationToken)
    {
        var result = new RecheckResult(0, 0, IsComplete: true);
        if (rights.IsOpen)
        {
            return result;
        }

        // A user may be in a room with many connections.
        var batches = Memberships(part)
            .GroupBy(static member => new RightsKey(member.Connection.UserId, member.Membership.Room.Group, member.Membership.Room.Channel))
            .Chunk(IRightsSource.MaxKeys);
        var gate = new Lock();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = RoomRights.MaxFreshLookups, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches, limits, async (batch, token) =>
        {
            lock (gate)
            {
                if (!result.IsComplete && !rights.IsUp)
                {
                    return;
                }
            }

            var checkedNow = await CheckBatchAsync(batch, token);
            lock (gate)
            {
                result = new RecheckResult(
                    result.Checked + checkedNow.Checked, result.Removed + checkedNow.Removed, result.IsComplete && checkedNow.IsComplete);
            }
        });
        return result;
    }

    private async Task<RecheckResult> CheckBatchAsync(
        IGrouping<RightsKey, (Connection Connection, RoomMembership Membership)>[] batch, CancellationToken cancellationToken)
    {
        var answers = await rights.FindFreshAsync(Array.ConvertAll(batch, static members => members.Key), cancellationToken);
        var (known, removed, unavailable) = (0, 0, 0);
        foreach (var (members, answer) in batch.Zip(answers))
        {
            var count = members.Count();
            known += answer.IsKnown ? count : 0;
            unavailable += answer.IsKnown ? 0 : count;
            removed += answer is { IsKnown: true, CanRead: false } ? members.Count(TryRemove) : 0;
        }

        Count("kept", known - removed);
        Count("removed", removed);
        Count("unavailable", unavailable);
        return new RecheckResult(known, removed, IsComplete: unavailable == 0);
    }

    // A connection is in the index of its user before it joins a room, so the recheck of one user need not visit all connections.
    private IEnumerable<(Connection Connection, RoomMembership Membership)> Memberships(Target part) =>
        (part.User == 0 ? registry.EachConnection : index.Matching(new Target(0, 0, part.User)).OfType<Connection>())
            .SelectMany(connection => connection.MembershipsIn(part).Select(membership => (connection, membership)));

    private bool TryRemove((Connection Connection, RoomMembership Membership) member)
    {
        var (connection, membership) = member;
        if (!connection.Topics.TryWithdraw(membership))
        {
            return false;
        }

        if (!connection.SpeaksDirect2 && options.Value.OnRefusedJoin is RefusedJoin.Close)
        {
            connection.BeginClose(CloseReason.NotAllowed);
        }

        return true;
    }

    private void Count(string outcome, int memberships)
    {
        if (memberships > 0)
        {
            metrics.RightsRechecked(outcome, memberships);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.MembershipRecheckFailed, LogLevel.Error,
            "Looking up the rights of members of rooms failed, trying again at the next check")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
