using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;

namespace Direct.Edge.Presence;

/// <summary>Answers for this gateway from its own index.</summary>
internal sealed class GatewayDesk(TopicIndex index) : IGatewayDesk
{
    public GatewayReply Answer(GatewayQuestion question)
    {
        var matching = index.Matching(question.Target);
        return question.Kind switch
        {
            QuestionKind.Rows => Rows(matching, question),
            QuestionKind.Users => Users(matching, question),
            QuestionKind.Close => Close(matching, question),
            _ => new GatewayReply(matching.Count()),
        };
    }

    private static GatewayReply Rows(IEnumerable<IRecipient> matching, GatewayQuestion question)
    {
        var rows = new FirstKeys<UserPlace>(question.Limit);
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
        return new GatewayReply(connections) { Rows = [.. first.Select(row => new UserRow(row.Key, row.Value))], HasMore = hasMore };
    }

    private static GatewayReply Users(IEnumerable<IRecipient> matching, GatewayQuestion question)
    {
        var users = new FirstKeys<long>(question.Limit);
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
        return new GatewayReply(connections) { Users = [.. first.Select(user => user.Key)], HasMore = hasMore };
    }

    // All are found first: one that closes leaves the index.
    private static GatewayReply Close(IEnumerable<IRecipient> matching, GatewayQuestion question)
    {
        var reason = CloseReason.ByBackend with { Code = question.CloseCode, Text = question.CloseText };
        return new GatewayReply(matching.ToArray().Count(connection => connection.TryBeginClose(reason)));
    }
}
