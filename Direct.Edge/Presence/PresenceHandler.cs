using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;

namespace Direct.Edge.Presence;

/// <summary>Answers for this gateway from its own index.</summary>
internal sealed class PresenceHandler(TopicIndex index, StatusReader status, WatchReader watches) : IPresenceHandler
{
    public GatewayResponse Answer(ClusterQuery question)
    {
        if (question.Kind is QuestionKind.Status)
        {
            return status.Read(question.Limit);
        }

        var matching = index.Matching(question.Target);
        return question.Kind switch
        {
            QuestionKind.Rows => Rows(matching, question),
            QuestionKind.Users => Users(matching, question),
            QuestionKind.Close => Close(matching, question),
            QuestionKind.Watch => watches.Read(matching, question),
            _ => new GatewayResponse(matching.Count()),
        };
    }

    private static GatewayResponse Rows(IEnumerable<IRecipient> matching, ClusterQuery question)
    {
        var rows = new TopN<UserPlace>(question.Limit);
        var connections = 0;
        foreach (var connection in matching)
        {
            connections++;
            var place = new UserPlace(connection.UserId, connection.GroupId, connection.ChannelId);
            if (question.After is not { } after || place > after)
            {
                rows.Add(place);
            }
        }

        var (first, hasMore) = rows.Take();
        return new GatewayResponse(connections) { Rows = [.. first.Select(row => new UserRow(row.Key, row.Value))], HasMore = hasMore };
    }

    private static GatewayResponse Users(IEnumerable<IRecipient> matching, ClusterQuery question)
    {
        var users = new TopN<long>(question.Limit);
        var connections = 0;
        foreach (var connection in matching)
        {
            connections++;
            if (question.After is not { } after || connection.UserId > after.User)
            {
                users.Add(connection.UserId);
            }
        }

        var (first, hasMore) = users.Take();
        return new GatewayResponse(connections) { Users = [.. first.Select(user => user.Key)], HasMore = hasMore };
    }

    // All are found first: one that closes leaves the index.
    private static GatewayResponse Close(IEnumerable<IRecipient> matching, ClusterQuery question)
    {
        var reason = CloseReason.ByBackend with { Code = question.CloseCode, Text = question.CloseText };
        return new GatewayResponse(matching.ToArray().Count(connection => connection.TryBeginClose(reason)));
    }
}
