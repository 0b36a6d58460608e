using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Carries out a join, in either dialect: looks up the right, subscribes the topics of the room, and enters it. The connection stays where it is until
/// the cluster has confirmed the subscriptions; then the index changes at once.
/// </summary>
internal sealed class RoomJoin(RoomRights rights, TopicSubscriptions subscriptions, TimeProvider timeProvider)
{
    /// <summary>Completes when the join has ended.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="room">The room.</param>
    /// <param name="reference">The ref of the command; empty if there is none.</param>
    public async ValueTask<JoinResult> JoinAsync(Connection connection, RoomId room, byte[] reference)
    {
        SubscriptionHandle acquired = default;
        var isAcquired = false;
        var startedAt = timeProvider.GetTimestamp();
        while (true)
        {
            var lookup = rights.FindForJoinAsync(new RightsKey(connection.UserId, room.Group, room.Channel));
            if (await FindAsync(connection, lookup) is not { } permit)
            {
                acquired.Dispose();
                return JoinResult.Joined;
            }

            if (!permit.Answer.CanRead)
            {
                acquired.Dispose();
                return permit.Answer.IsKnown ? JoinResult.NotAllowed : JoinResult.RightsUnavailable;
            }

            if (!isAcquired)
            {
                if (await subscriptions.TryAcquireRoomsAsync(room.Group, room.Channel, connection.SpeaksDirect2) is not { } handle)
                {
                    return JoinResult.SubscribeTimeout;
                }

                (acquired, isAcquired) = (handle, true);
            }

            await connection.Topics.WhenFlushed();
            if (await connection.Topics.TryJoinAsync(room, acquired, permit, reference))
            {
                return JoinResult.Joined;
            }

            // Its right was discarded meanwhile. A backend that does this again and again does not keep it waiting for ever.
            if (timeProvider.GetElapsedTime(startedAt) >= subscriptions.Timeout)
            {
                acquired.Dispose();
                return JoinResult.RightsUnavailable;
            }
        }
    }

    // The end of a connection does not wait for a source that hangs. Returns null if it is closing.
    private static async ValueTask<JoinPermit?> FindAsync(Connection connection, ValueTask<JoinPermit> lookup)
    {
        if (lookup.IsCompletedSuccessfully)
        {
            return lookup.Result;
        }

        var underWay = lookup.AsTask();
        await connection.UntilClosing(underWay);
        return connection.CloseReason is null ? await underWay : null;
    }
}
