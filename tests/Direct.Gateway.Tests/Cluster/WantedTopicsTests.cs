using Direct.Gateway.Cluster;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Cluster;

public sealed class WantedTopicsTests
{
    private static readonly TopicKey Room = new(TopicScope.Room, 5, 7);
    private static readonly TopicKey Other = new(TopicScope.Room, 5, 8);

    private readonly WantedTopics _wanted = new();

    [Fact]
    public void Query_Wanted_HasTheNumberOfTheWant()
    {
        var number = _wanted.Want(Room);
        _wanted.Want(Other);

        Assert.Equal((true, number), _wanted.Get(Room));
    }

    [Fact]
    public void Query_NeverWanted_HasTheLastNumberOfAll()
    {
        var number = _wanted.Want(Other);

        Assert.Equal((false, number), _wanted.Get(Room));
    }

    [Fact]
    public void Unwant_Wanted_HasAHigherNumber()
    {
        var wanted = _wanted.Want(Room);

        var unwanted = _wanted.Unwant(Room);

        Assert.True(unwanted > wanted);
        Assert.Equal((false, unwanted), _wanted.Get(Room));
        Assert.Equal(0, _wanted.Count);
    }

    [Fact]
    public void Clear_AfterAFence_WantsNothingAndGoesOnCounting()
    {
        var before = _wanted.Want(Room);

        _wanted.Clear();

        Assert.False(_wanted.Get(Room).IsWanted);
        Assert.True(_wanted.Want(Room) > before);
    }

    /// <summary>
    /// Tests a query for a topic while it becomes wanted. Of two states with the same number, silos treat "wanted" as the later one. So a "not
    /// wanted" response from before must never have a higher number than the subscribe.
    /// </summary>
    [Fact]
    public async Task Query_WhileItIsWanted_NeverSaysUnwantedWithAHigherNumber()
    {
        for (var round = 0; round < 2000; round++)
        {
            var topic = new TopicKey(TopicScope.User, round, 0);
            var asking = Task.Run(() => _wanted.Get(topic));
            var number = _wanted.Want(topic);

            var answer = await asking;

            Assert.True(answer.IsWanted || answer.Number <= number, $"{answer} beside want {number}");
        }
    }
}
