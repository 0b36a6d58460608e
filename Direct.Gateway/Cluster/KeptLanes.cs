using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <inheritdoc />
internal sealed class KeptLanes(KeptTopics topics, WantedTopics wanted, TimeProvider timeProvider, NodeHealth health) : IKeptLanes
{
    public bool HasRings(Lane lane) => lane.Scope is TopicScope.User ? topics.HasUsersOf(lane.Id) : TopicsOf(lane).Any();

    public KeptTopicReport[] Report(RecoverRequest request, int maxBytes, out bool hasMore)
    {
        var reports = new List<KeptTopicReport>();
        var topics = TopicsOf(request.Lane)
            .Select(static topic => (Key: topic.Topic.ToKey(), Topic: topic))
            .Where(topic => IsWanted(request, topic.Key))
            .OrderBy(static topic => topic.Key.Order);
        foreach (var (key, topic) in topics)
        {
            if (reports.Count == RecoverRequest.MaxTopics || (reports.Count > 0 && maxBytes <= 0))
            {
                hasMore = true;
                return [.. reports];
            }

            if (Report(key, topic, request, maxBytes) is { } report)
            {
                reports.Add(report);
                maxBytes -= report.MoreHeadersAfter > 0 ? maxBytes : report.Bytes; // what follows this topic belongs to the next page
            }
        }

        hasMore = reports is [.., { MoreHeadersAfter: > 0 }];
        return [.. reports];
    }

    public TailPage Read(FetchRequest request) =>
        topics.FindFollowed(request.Topic.ToTopic())?.Read(
            (ring, ledger, table, ballot, _) => request.Answer(ring, ledger, table.ToWire(timeProvider), ballot.ToWire()))
        ?? TailPage.NotReady;

    // A topic that is kept from now on has no log yet, and gets it with the answer to its subscription.
    public bool Keep(KeepRequest request)
    {
        var topic = request.Topic.ToTopic();
        if (request.KeepFor is { } time)
        {
            var isKept = (time <= TimeSpan.Zero || !health.IsDraining) && topics.KeepFor(topic, time);
            if (!isKept || time <= TimeSpan.Zero)
            {
                return isKept;
            }
        }

        var isInstalled = topics.FindFollowed(topic)?.Install(request.Ballot.ToLeader(), request.Marks.ToTable(timeProvider), request.Head) ?? false;
        return isInstalled || request.KeepFor is not null;
    }

    private static bool IsWanted(RecoverRequest request, TopicKey key) =>
        request.After is not { } last || key.Order.CompareTo(last.Order) > 0 || (key == last && request.HeadersAfter > 0);

    private KeptTopicReport? Report(TopicKey key, FollowedTopic topic, RecoverRequest request, int maxBytes) => topic.Read((ring, ledger, table, ballot, isComplete) =>
    {
        var moreHeadersAfter = 0L;
        KeptHeaders headers = request.IsWithoutHeaders ? [] : ledger.ToHeaders(key == request.After ? request.HeadersAfter : 0, ring.Head, maxBytes, out moreHeadersAfter);
        return new KeptTopicReport(
            key, ballot.ToWire(), table.ToWire(timeProvider), ring.Head, ring.Floor + 1, wanted.Get(key).Number, headers, moreHeadersAfter, isComplete);
    });

    // Only users share a lane.
    private IEnumerable<FollowedTopic> TopicsOf(Lane lane) => lane.Scope is TopicScope.User
        ? topics.UsersOf(lane.Id)
        : topics.FindFollowed(new TopicKey(lane.Scope, lane.Id, lane.ChannelId).ToTopic()) is { } topic ? [topic] : [];
}
