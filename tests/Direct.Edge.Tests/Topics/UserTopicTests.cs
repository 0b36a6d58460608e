using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Topics;

public sealed class UserTopicTests : IDisposable
{
    private const long User = 42;

    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;
    private readonly NodeGate _gate = new();
    private readonly UserTopic _topic;

    public UserTopicTests()
    {
        _metrics = new GatewayMetrics(_meters);
        _topic = new UserTopic(User, new TopicLogSettings(int.MaxValue, MayRetire: true, _ => { }, _metrics, _gate));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Theory]
    [InlineData(0, 0, "0,0 1,0 0,2 1,2 3,2")]
    [InlineData(1, 0, "1,0 1,2")]
    [InlineData(0, 2, "0,2 1,2 3,2")]
    [InlineData(1, 2, "1,2")]
    [InlineData(9, 0, "")]
    [InlineData(3, 9, "")]
    public void Publish_NarrowedByGroupAndChannel_ReachesThoseThatMatch(long group, long channel, string reached)
    {
        var connections = new (long Group, long Channel)[] { (0, 0), (1, 0), (0, 2), (1, 2), (3, 2) }
            .Select(place => new RecordingRecipient(User, place.Group, place.Channel))
            .ToArray();
        Assert.All(connections, connection => Assert.True(_topic.TryJoin(connection)));

        var count = _topic.Publish(new Target(group, channel, User), "hello"u8);

        var taken = connections.Where(connection => connection.Texts is ["hello"]).Select(connection => $"{connection.GroupId},{connection.ChannelId}");
        Assert.Equal((reached, reached.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length), (string.Join(' ', taken), count));
    }

    [Fact]
    public void Publish_ToConnectionsOfBothDialects_ReachesEachInItsForm()
    {
        var (original, direct2) = (new RecordingRecipient(User), new RecordingRecipient(User) { SpeaksDirect2 = true });
        _topic.TryJoin(original);
        _topic.TryJoin(direct2);

        var count = _topic.Publish(new Target(0, 0, User), "hello"u8);

        Assert.Equal((2, "hello", "0,0,42 0\nhello"), (count, Assert.Single(original.Texts), Assert.Single(direct2.Texts)));
    }

    [Fact]
    public void Publish_ToOneThatDoesNotReceiveYet_IsFoundButReceivesNothing()
    {
        var early = new RecordingRecipient(User) { IsReceiving = false };
        _topic.TryJoin(early);

        var count = _topic.Publish(new Target(0, 0, User), "hello"u8);

        Assert.Equal((0, 0), (count, early.Count));
        Assert.Equal([early], _topic.Matching(new Target(0, 0, User)));
    }

    [Fact]
    public void Publish_Fenced_ReachesNobody()
    {
        var connection = new RecordingRecipient(User);
        _topic.TryJoin(connection);
        _gate.Fence();

        var count = _topic.Publish(new Target(0, 0, User), "hello"u8);

        Assert.Equal((0, 0), (count, connection.Sends.Length));
    }

    [Theory]
    [InlineData((int)EnqueueResult.Overflow)]
    [InlineData((int)EnqueueResult.Closed)]
    public void Publish_ToAConnectionThatTakesNothing_CountsTheOthers(int answer)
    {
        var (before, after) = (new RecordingRecipient(User), new RecordingRecipient(User));
        _topic.TryJoin(before);
        _topic.TryJoin(new RecordingRecipient(User) { Answer = (EnqueueResult)answer });
        _topic.TryJoin(after);

        var count = _topic.Publish(new Target(0, 0, User), "hello"u8);

        Assert.Equal(
            (2, 2.0, "hello", "hello"),
            (count, _meters.Read("direct.gateway.deliveries"), Assert.Single(before.Texts), Assert.Single(after.Texts)));
    }

    [Fact]
    public void Leave_TheLastOne_RetiresTheTopic()
    {
        var (first, last) = (new RecordingRecipient(User), new RecordingRecipient(User));
        _topic.TryJoin(first);
        _topic.TryJoin(last);

        Assert.Equal((false, true, false), (_topic.Leave(first), _topic.Leave(last), _topic.TryJoin(first)));
    }
}
