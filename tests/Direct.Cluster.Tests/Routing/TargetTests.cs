using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Routing;

/// <summary>
/// Tests all eight kinds of target, sent through each of three gateways to connections on all of them. It uses a separate cluster, because a signal
/// to everyone reaches all connections.
/// </summary>
public sealed class TargetTests : IClassFixture<TargetTests.Fixture>
{
    private const long Group = 500;
    private const long Channel = 700;

    private readonly Fixture _fixture;

    public TargetTests(Fixture fixture) => _fixture = fixture;

    public static TheoryData<bool, bool, bool, int> Targets
    {
        get
        {
            var data = new TheoryData<bool, bool, bool, int>();
            for (var i = 0; i < 8; i++)
            {
                for (var gateway = 0; gateway < 3; gateway++)
                {
                    data.Add((i & 4) != 0, (i & 2) != 0, (i & 1) != 0, gateway);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Signal_Target_ReachesExactlyThoseWhoMatch(bool group, bool channel, bool user, int gateway)
    {
        foreach (var addressee in user ? _fixture.Members.Select(member => member.User).ToArray() : [0])
        {
            await SignalAsync(group ? Group : 0, channel ? Channel : 0, addressee, _fixture.Cluster.Gateways[gateway]);
        }
    }

    [Theory]
    [InlineData(Group, Channel)]
    [InlineData(Group, 0)]
    [InlineData(0, Channel)]
    public async Task Broadcast_Joined_ReachesThoseWhoMatchTheSenderOnEveryGateway(long group, long channel)
    {
        var sender = _fixture.Members.First(member => (member.Group, member.Channel) == (group, channel));
        var expected = _fixture.Members.Where(member => member.Matches(group, channel, 0)).ToList();

        await sender.Client.BroadcastAsync("hello room");

        Assert.All(await Task.WhenAll(expected.Select(member => member.Client.ReceiveTextAsync())), text => Assert.Equal("hello room", text));
        await NobodyElseGotAnythingAsync();
    }

    private async Task SignalAsync(long group, long channel, long user, GatewayHost gateway)
    {
        var message = $"{group},{channel},{user} through {gateway.Name}";
        var expected = _fixture.Members.Where(member => member.Matches(group, channel, user)).ToList();

        var receipt = await gateway.DeliverAsync($"{group},{channel},{user}", message);

        Assert.Equal((expected.Count, expected.Select(member => member.Gateway).Distinct().Count()), receipt);
        Assert.All(await Task.WhenAll(expected.Select(member => member.Client.ReceiveTextAsync())), text => Assert.Equal(message, text));
        await NobodyElseGotAnythingAsync();
    }

    // The next frame of every member must be a pong. A signal that was delivered to it by mistake would arrive first.
    private Task NobodyElseGotAnythingAsync() => Task.WhenAll(_fixture.Members.Select(async member =>
    {
        await member.Client.SendPingAsync(1);
        var frame = await member.Client.ReceiveAsync();
        Assert.True(frame.IsPong, $"{member} got {frame}");
    }));

    internal sealed record Member(string Gateway, ProtocolClient Client, long Group, long Channel, long User)
    {
        public bool Matches(long group, long channel, long user) =>
            (group == 0 || group == Group) && (channel == 0 || channel == Channel) && (user == 0 || user == User);

        public override string ToString() => $"user {User} of {Group},{Channel} on gateway {Gateway}";
    }

    /// <summary>Provides members on every gateway: in the lobby, in the group, in the channel, in the room, and in other rooms.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly List<Member> _members = [];
        private DirectTestCluster? _cluster;

        internal DirectTestCluster Cluster => _cluster!;

        internal IReadOnlyList<Member> Members => _members;

        public async ValueTask InitializeAsync()
        {
            _cluster = await DirectTestCluster.StartAsync();
            (long, long)[] rooms = [(0, 0), (Group, 0), (0, Channel), (Group, Channel), (Group, Channel + 1), (Group + 1, Channel), (-Group, -Channel)];
            foreach (var gateway in _cluster.Gateways)
            {
                foreach (var (group, channel) in rooms)
                {
                    var (client, user) = await gateway.ConnectAsync();
                    await client.JoinAsync(group, channel);
                    _members.Add(new Member(gateway.Name, client, group, channel, user));
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var member in _members)
            {
                await member.Client.DisposeAsync();
            }

            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
