using System.Net;
using Direct.Edge.Connections;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionHubTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void Open_NodeFull_ClosesAtOnceWith4010()
    {
        _gateway.Limits.MaxConnections = 1;
        _gateway.Connect();

        var refused = _gateway.Connect();

        Assert.Equal(4010, refused.Transport.Close?.Code);
    }

    [Fact]
    public void Open_AddressFull_ClosesAtOnceWith4011()
    {
        _gateway.Limits.MaxConnectionsPerAddress = 1;
        _gateway.Connect();

        var refused = _gateway.Connect();
        var other = _gateway.Connect(address: IPAddress.Parse("203.0.113.7"));

        Assert.Equal((4011, null), (refused.Transport.Close?.Code, other.Connection.CloseReason));
    }

    [Fact]
    public void Open_TooManyStrangers_ClosesAtOnceWith4012()
    {
        _gateway.Limits.MaxUnauthenticated = 1;
        _gateway.Connect();

        var refused = _gateway.Connect();

        Assert.Equal(4012, refused.Transport.Close?.Code);
    }

    [Fact]
    public async Task Open_AfterTheStrangerGaveItsToken_LetsTheNextIn()
    {
        _gateway.Limits.MaxUnauthenticated = 1;
        await _gateway.EnterAsync();

        var client = _gateway.Connect();

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public void Open_TooManyPerSecond_ClosesAtOnceWith4013()
    {
        _gateway.Limits.AcceptsPerSecond = 1;
        _gateway.Limits.AcceptBurst = 1;
        _gateway.Connect();

        var refused = _gateway.Connect();

        Assert.Equal(4013, refused.Transport.Close?.Code);
    }

    [Fact]
    public void Open_WhileTheMemoryIsUsedUp_ClosesAtOnceWith4010()
    {
        _gateway.HeapBytes = long.MaxValue;
        _gateway.Watch.Look();

        Assert.Equal(4010, _gateway.Connect().Transport.Close?.Code);

        _gateway.HeapBytes = 0;
        _gateway.Clock.Advance(MemoryWatch.ShortestPressure);
        _gateway.Watch.Look();
        Assert.Null(_gateway.Connect().Connection.CloseReason);
    }

    [Fact]
    public async Task Open_Refused_GivesNoPlaceBackWhenItEnds()
    {
        _gateway.Limits.MaxConnections = 1;
        _gateway.Connect();
        var refused = _gateway.Connect();

        await refused.CloseAsync();

        Assert.Equal(
            (1, 1, 4010),
            (_gateway.Admission.Connections, _gateway.Registry.Count, _gateway.Connect().Transport.Close?.Code));
    }

    [Fact]
    public async Task Open_Refused_TakesNoToken()
    {
        _gateway.Limits.MaxConnections = 1;
        _gateway.Connect();
        var refused = _gateway.Connect();

        await refused.EnterAsync();

        Assert.Equal(0, _gateway.Index.TopicCount);
    }

    [Fact]
    public async Task Open_EveryConnection_HasAnIdOfItsOwn()
    {
        var clients = new List<InMemoryClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await _gateway.EnterAsync());
        }

        Assert.Equal(
            (20, 20),
            (clients.Select(client => client.Connection.Id).Distinct().Count(), clients.Select(client => client.Connection.UserId).Distinct().Count()));
    }

    [Fact]
    public async Task Broadcast_JoinedNothing_ReachesTheLobbyAlone()
    {
        var (lobby, member, client) = (await _gateway.EnterAsync(), await _gateway.JoinAsync(5, 0), await _gateway.EnterAsync());

        await client.BroadcastAsync("hello");
        await lobby.Transport.TextAsync();
        _gateway.Signal(0, 0, member.Connection.UserId, "after");

        Assert.Equal(["after"], await member.Transport.TextsAsync(1));
    }

    [Fact]
    public async Task Broadcast_JoinedNothingAndEveryoneIsMeant_ReachesEveryone()
    {
        _gateway.Connections.UnjoinedBroadcast = UnjoinedBroadcast.Everyone;
        var (lobby, member, client) = (await _gateway.EnterAsync(), await _gateway.JoinAsync(5, 7), await _gateway.EnterAsync());

        await client.BroadcastAsync("hello");

        Assert.Equal(
            ("hello", "hello", "hello"),
            (await lobby.Transport.TextAsync(), await member.Transport.TextAsync(), await client.Transport.TextAsync()));
    }

    [Fact]
    public async Task Broadcast_JoinedNothingAndNobodyIsMeant_ReachesNobody()
    {
        _gateway.Connections.UnjoinedBroadcast = UnjoinedBroadcast.None;
        var client = await _gateway.EnterAsync();

        await client.BroadcastAsync("hello");
        _gateway.Signal(0, 0, 0, "after");

        Assert.Equal("after", await client.Transport.TextAsync());
    }

    // The target is the group and channel of the sender; a 0 matches any.
    [Theory]
    [InlineData(5, 7, "5,7")]
    [InlineData(5, 0, "5,0 5,7 5,8")]
    [InlineData(0, 7, "0,7 5,7 6,7")]
    public async Task Broadcast_Joined_ReachesWhoeverMatches(long group, long channel, string reached)
    {
        string[] places = ["0,0", "5,0", "0,7", "5,7", "5,8", "6,7", "6,8"];
        var members = new Dictionary<string, InMemoryClient>();
        foreach (var place in places)
        {
            members[place] = await _gateway.EnterAsync();
            await members[place].SendTextAsync(place);
        }

        var client = await _gateway.JoinAsync(group, channel);
        await client.BroadcastAsync("hello");
        await client.Transport.TextAsync();
        foreach (var place in reached.Split(' '))
        {
            await members[place].Transport.TextAsync();
        }

        Assert.Equal(reached.Split(' '), places.Where(place => members[place].Transport.Texts.Length > 0).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Signal_EveryCombinationOfTheTarget_ReachesExactlyTheMatching()
    {
        var clients = new List<InMemoryClient>();
        foreach (var (group, channel) in new (long, long)[] { (0, 0), (1, 0), (0, 2), (1, 2), (1, 3), (4, 2) })
        {
            clients.Add(await _gateway.JoinAsync(group, channel));
        }

        foreach (var group in new long[] { 0, 1, 9 })
        {
            foreach (var channel in new long[] { 0, 2, 9 })
            {
                foreach (var user in clients.Select(client => client.Connection.UserId).Append(0).Append(999))
                {
                    var target = new Target(group, channel, user);
                    var expected = clients.Count(client => target.Matches(client.Connection.GroupId, client.Connection.ChannelId, client.Connection.UserId));

                    Assert.True(expected == _gateway.Signal(group, channel, user, "x"), $"{target}: expected {expected}");
                }
            }
        }
    }

    [Fact]
    public void Failed_AnyConnection_ClosesWith1011AndLogsAnError()
    {
        _gateway.Logger.ExpectsErrors = true;
        var client = _gateway.Connect();

        _gateway.Hub.Failed(client.Connection, new InvalidDataException("an error of ours"));

        Assert.Equal((1011, 1), (client.Transport.Close?.Code, _gateway.Logger.Entries.Count(entry => entry.Level is LogLevel.Error)));
    }
}
