using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneTests
{
    /// <summary>Tests ids whose halves are equal. The hash of a long is 0 for all of them.</summary>
    [Fact]
    public void GetHashCode_IdsWithEqualHalves_DoNotCollide()
    {
        var ids = Enumerable.Range(1, 1000).Select(static half => ((long)half << 32) | (long)half).ToList();

        Assert.InRange(ids.Select(static id => new Lane(TopicScope.Group, id, 0).GetHashCode()).Distinct().Count(), 990, 1000);
        Assert.InRange(ids.Select(static id => new TopicKey(TopicScope.Room, 7, id).GetHashCode()).Distinct().Count(), 990, 1000);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4095, 4095)]
    [InlineData(4096, 0)]
    [InlineData(long.MaxValue, 4095)]
    [InlineData(-1, 4095)]
    [InlineData(-144953630, 3810)]
    [InlineData(long.MinValue, 0)]
    public void Of_User_IsThePartitionOfItsId(long user, long partition)
    {
        var lane = Lane.Of(new TopicKey(TopicScope.User, user, 0));

        Assert.Equal(new Lane(TopicScope.User, partition, 0), lane);
    }

    [Theory]
    [InlineData(TopicScope.All, 0, 0)]
    [InlineData(TopicScope.Lobby, 0, 0)]
    [InlineData(TopicScope.Group, -5, 0)]
    [InlineData(TopicScope.Channel, 5, 0)]
    [InlineData(TopicScope.Room, 5, -7)]
    public void Of_AnythingElse_IsALaneOfItsOwn(TopicScope scope, long id, long channelId)
    {
        Assert.Equal(new Lane(scope, id, channelId), Lane.Of(new TopicKey(scope, id, channelId)));
    }

    // The numbers were computed independently. Silos of different builds must agree on them.
    [Theory]
    [InlineData(TopicScope.All, 0, 0, 58)]
    [InlineData(TopicScope.Lobby, 0, 0, 40)]
    [InlineData(TopicScope.User, 3810, 0, 18)]
    [InlineData(TopicScope.Group, -5, 0, 24)]
    [InlineData(TopicScope.Channel, 5, 0, 18)]
    [InlineData(TopicScope.Room, 5, 7, 6)]
    [InlineData(TopicScope.Room, 7, 5, 10)]
    public void Stripe_OneLane_IsTheSameInEveryProcess(TopicScope scope, long id, long channelId, int expected)
    {
        Assert.Equal(expected, new Lane(scope, id, channelId).Stripe(64));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(64)]
    public void Stripe_ManyLanes_AreSpread(int stripes)
    {
        var lanes = Enumerable.Range(-2000, 4000).Select(id => new Lane(TopicScope.Room, id, id % 3));

        var counts = lanes.CountBy(lane => lane.Stripe(stripes)).ToDictionary();

        Assert.Equal(stripes, counts.Count);
        Assert.All(counts, count => Assert.InRange(count.Value, 4000 / stripes / 2, 4000 / stripes * 2));
        Assert.All(counts, count => Assert.InRange(count.Key, 0, stripes - 1));
    }
}
