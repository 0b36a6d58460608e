using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Presence;

/// <summary>Tests what a gateway reports about its own connections. The users are 1, 2, 3 and so on in the order of their connections.</summary>
public sealed class PresenceHandlerTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Answer_AnyTarget_CountsThoseThatASignalWouldReach()
    {
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 0);
        await _gateway.JoinAsync(0, 7);
        await _gateway.EnterAsync();
        long[] groups = [0, 5, 6], channels = [0, 7, 8], users = [0, 1, 3, 5, 99];

        foreach (var target in from g in groups from c in channels from u in users select new Target(g, c, u))
        {
            var expected = _gateway.Signal(target.Group, target.Channel, target.User, "hello");
            Assert.True(Ask(ClusterQueryKind.Count, target).Connections == expected, $"{expected} expected for {target}");
            Assert.Equal(expected, Ask(ClusterQueryKind.Rows, target).Rows.Sum(row => row.Connections));
            Assert.Equal(expected, Ask(ClusterQueryKind.Users, target).Connections);
        }
    }

    [Fact]
    public async Task Answer_ConnectionsWithoutATokenOrClosing_AreNotThere()
    {
        _gateway.Connect();
        var closing = await _gateway.JoinAsync(5, 7);
        closing.Connection.BeginClose(CloseReason.GatewayDraining);

        Assert.Equal(0, Ask(ClusterQueryKind.Count, default).Connections);
        Assert.Empty(Ask(ClusterQueryKind.Rows, default).Rows);
    }

    [Fact]
    public void Answer_SeveralConnectionsOfAUser_AreARowForEachPlaceInOrder()
    {
        foreach (var (user, group, channel) in (IEnumerable<(long, long, long)>)[(9, 5, 7), (-3, 0, 0), (9, 5, 7), (9, 4, 8), (9, 5, 6)])
        {
            _gateway.Index.Add(new RecordingRecipient(user, group, channel));
        }

        var reply = Ask(ClusterQueryKind.Rows, default);

        Assert.Equal([Row(-3, 0, 0, 1), Row(9, 4, 8, 1), Row(9, 5, 6, 1), Row(9, 5, 7, 2)], reply.Rows);
        Assert.Equal((5, false), (reply.Connections, reply.HasMore));
    }

    [Fact]
    public void Answer_Pages_AreAllRowsOnce()
    {
        for (var i = 0; i < 100; i++)
        {
            _gateway.Index.Add(new RecordingRecipient((i % 30) - 15, i % 7, i % 3));
        }

        var rows = new List<UserRow>();
        GatewayResponse reply;
        do
        {
            reply = Ask(ClusterQueryKind.Rows, default, limit: 7, after: rows.Count == 0 ? null : rows[^1].Key);
            Assert.Equal(100, reply.Connections);
            rows.AddRange(reply.Rows);
            Assert.InRange(rows.Count, 0, 100); // guards against an endless loop
        }
        while (reply.HasMore);

        Assert.Equal(Ask(ClusterQueryKind.Rows, default, limit: 1_000).Rows, rows);
        Assert.Equal(100, rows.Sum(row => row.Connections));
    }

    [Fact]
    public void Answer_Users_AreEachOnceAndOnlyThoseAfter()
    {
        foreach (var user in (long[])[3, -2, 3, long.MaxValue, 5, -2])
        {
            _gateway.Index.Add(new RecordingRecipient(user, 5, user));
        }

        Assert.Equal([-2, 3, 5, long.MaxValue], Ask(ClusterQueryKind.Users, default).Users);
        var page = Ask(ClusterQueryKind.Users, default, limit: 1, after: new UserRowKey(-2, long.MaxValue, long.MaxValue));
        Assert.Equal([3], page.Users);
        Assert.Equal((true, 6), (page.HasMore, page.Connections));
        Assert.Equal([5, long.MaxValue], Ask(ClusterQueryKind.Users, default, after: new UserRowKey(3, 0, 0)).Users);
    }

    [Fact]
    public async Task Answer_Close_ClosesThoseThatMatchWithTheCodeAndReason()
    {
        var first = await _gateway.JoinAsync(5, 7);
        var second = await _gateway.JoinAsync(5, 8);
        var other = await _gateway.JoinAsync(6, 7);

        var reply = _gateway.PresenceHandler.Answer(
            new ClusterQuery(ClusterQueryKind.Close, new Target(5, 0, 0)) { CloseCode = 4321, CloseText = "tschüß" });

        Assert.Equal(2, reply.Connections);
        Assert.All(
            (InMemoryClient[])[first, second],
            client =>
            {
                Assert.Equal(new CloseStatus(4321, "tschüß"), client.Transport.Close);
                Assert.Equal("by_backend", client.Connection.CloseReason!.Label);
            });
        Assert.Null(other.Transport.Close);
        Assert.Equal(1, Ask(ClusterQueryKind.Count, default).Connections);
    }

    /// <summary>
    /// A gateway that counted connections instead would be taken for one that did what it was asked for. One that fails is named as missing.
    /// </summary>
    [Fact]
    public void Answer_KindOfALaterVersion_Fails() => Assert.Throws<NotSupportedException>(() => Ask((ClusterQueryKind)200, default));

    private static UserRow Row(long user, long group, long channel, int connections) => new(new UserRowKey(user, group, channel), connections);

    private GatewayResponse Ask(ClusterQueryKind kind, Target target, int limit = 100, UserRowKey? after = null) =>
        _gateway.PresenceHandler.Answer(new ClusterQuery(kind, target) { Limit = limit, After = after, CloseCode = 4500 });
}
