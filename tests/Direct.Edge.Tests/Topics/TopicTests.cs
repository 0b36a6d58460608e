using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Topics;

public sealed class TopicTests
{
    [Theory]
    [InlineData(0, 0, 0, "all")]
    [InlineData(1, 0, 0, "group/1")]
    [InlineData(0, 2, 0, "channel/2")]
    [InlineData(1, 2, 0, "room/1/2")]
    [InlineData(0, 0, 3, "user/3")]
    [InlineData(1, 0, 3, "user/3")]
    [InlineData(0, 2, 3, "user/3")]
    [InlineData(1, 2, 3, "user/3")]
    [InlineData(-1, -2, 0, "room/-1/-2")]
    [InlineData(0, 0, -3, "user/-3")]
    public void For_EveryCombinationOfATarget_IsItsNarrowestTopic(long group, long channel, long user, string topic)
    {
        Assert.Equal(topic, Topic.For(new Target(group, channel, user)).ToString());
    }

    /// <summary>Tests ids whose halves are equal. The hash of a long is 0 for all of them.</summary>
    [Fact]
    public void GetHashCode_IdsWithEqualHalves_DoNotCollide()
    {
        var ids = Enumerable.Range(1, 1000).Select(static half => ((long)half << 32) | (long)half).ToList();

        Assert.InRange(ids.Select(static id => Topic.Group(id).GetHashCode()).Distinct().Count(), 990, 1000);
        Assert.InRange(ids.Select(static id => Topic.Room(7, id).GetHashCode()).Distinct().Count(), 990, 1000);
    }

    [Fact]
    public void NeedsSubscription_AllAndLobby_ReachEveryGatewayAnyhow()
    {
        Topic[] topics = [Topic.All, Topic.Lobby, Topic.User(1), Topic.Group(1), Topic.Channel(1), Topic.Room(1, 1)];

        Assert.Equal([false, false, true, true, true, true], topics.Select(topic => topic.NeedsSubscription));
    }

    [Fact]
    public void Equals_SameNumbersOfAnotherKind_AreOtherTopics()
    {
        Topic[] topics =
        [
            Topic.All, Topic.Lobby, Topic.User(1), Topic.Group(1), Topic.Channel(1),
            Topic.Room(1, 1), Topic.Room(1, 0), Topic.Room(0, 1), Topic.User(-1),
        ];

        Assert.Equal(topics.Length, topics.Distinct().Count());
    }
}
