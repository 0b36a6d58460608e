using Direct.Edge.Backplane;
using Direct.Edge.Presence;

namespace Direct.Edge.Tests.Presence;

public sealed class UserCountTests
{
    private readonly UserCount _count = new();

    [Fact]
    public void Add_OneUserOnTwoGateways_IsOneUser()
    {
        _count.Add(Answer([], Response(3, hasMore: false, -4, 1, 2), Response(2, hasMore: false, 2, 5), Response(0, hasMore: false)));

        Assert.Equal((5L, 4L, 2), (_count.Connections, _count.Users, _count.Gateways));
        Assert.Null(_count.Next);
        Assert.Empty(_count.Missing);
    }

    [Fact]
    public void Add_OneGatewayHasMore_CountsUpToThereAndGoesOnBehind()
    {
        _count.Add(Answer([], Response(3, hasMore: true, 1, 2), Response(2, hasMore: false, 2, 5)));
        Assert.Equal((2L, 2L), (_count.Users, _count.Next!.Value.User));

        _count.Add(Answer([], Response(3, hasMore: false, 5), Response(2, hasMore: false, 5)));

        Assert.Equal((5L, 3L, 2), (_count.Connections, _count.Users, _count.Gateways));
        Assert.Null(_count.Next);
    }

    [Fact]
    public void Add_GatewaysMissingAtTheBeginningOrLater_AreNamedOnce()
    {
        _count.Add(Answer(["c"], Response(3, hasMore: true, 1)));
        _count.Add(Answer(["b", "c"], Response(3, hasMore: false, 2)));

        Assert.Equal(["b", "c"], _count.Missing);
    }

    private static GatewayResponse Response(int connections, bool hasMore, params long[] users) => new(connections) { Users = users, HasMore = hasMore };

    private static ClusterAnswer Answer(string[] missing, params GatewayResponse[] replies) =>
        new(QueryStatus.Answered, [.. replies.Select((reply, i) => new NamedResponse($"g{i}", reply))], missing);
}
