using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Diagnostics;

public sealed class GatewayMetricsTests : IDisposable
{
    private const string Active = "direct.gateway.connections.active";
    private const string Opened = "direct.gateway.connections.opened";
    private const string Closed = "direct.gateway.connections.closed";
    private const string Refused = "direct.gateway.connections.refused";

    private readonly TestGateway _gateway = new();

    private TestMeters Meters => _gateway.Meters;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void Instruments_All_AreThoseOfTheDocument()
    {
        _gateway.Metrics.ObserveMemory(_gateway.Queues);
        Assert.Equal(0, _gateway.Kept.Count);

        Assert.Equal(MetricsDocument.Of("node"), MetricsDocument.Of(Meters.Instruments));
    }

    [Fact]
    public void Instruments_All_HaveADescription()
    {
        Assert.All(Meters.Instruments, instrument => Assert.False(string.IsNullOrWhiteSpace(instrument.Description), instrument.Name));
    }

    // Covers every way in which a connection ends; each end must be counted exactly once.
    [Fact]
    public async Task Active_EveryWayToEnd_ComesBackToZero()
    {
        var clients = new List<InMemoryClient>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(await _gateway.JoinAsync(1, 2));
        }

        Assert.Equal(5, Meters.Sum(Active));
        await clients[0].CloseAsync();
        await clients[1].LoseAsync();
        clients[2].Connection.BeginClose(CloseReason.GatewayDraining);
        await clients[2].CloseAsync();
        await clients[3].SendTextAsync("nonsense");
        await clients[3].LoseAsync();
        _gateway.Clock.Advance(TimeSpan.FromSeconds(61));
        await clients[4].LoseAsync();

        Assert.Equal((0.0, 5.0, 5.0), (Meters.Sum(Active), Meters.Sum(Opened), Meters.Sum(Closed)));
    }

    [Fact]
    public async Task Closed_EveryWayToEnd_HasItsReason()
    {
        var clients = new List<InMemoryClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await _gateway.EnterAsync());
        }

        await clients[0].CloseAsync();
        await clients[1].LoseAsync();
        await clients[2].SendTextAsync("nonsense");
        await clients[2].LoseAsync();
        clients[3].Connection.BeginClose(CloseReason.GatewayDraining);
        await clients[3].LoseAsync();

        Assert.Equal(
            "client_closed connection_lost gateway_draining invalid_command",
            string.Join(' ', TagsOf(Closed).Select(tag => tag.Split('=')[1]).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Closed_EveryReasonThereIs_IsItsLabel()
    {
        foreach (var reason in CloseReason.All)
        {
            _gateway.Metrics.ConnectionClosed(reason, TimeSpan.Zero);
        }

        Assert.Equal(
            CloseReason.All.Select(reason => $"reason={reason.Label}"),
            TagsOf(Closed));
    }

    [Theory]
    [InlineData("node_full")]
    [InlineData("address_limit")]
    [InlineData("unauthenticated_limit")]
    [InlineData("accept_rate")]
    public async Task Refused_EveryLimit_IsNamedAndCountsAsNoConnection(string label)
    {
        var limits = _gateway.Limits;
        limits.MaxConnections = label is "node_full" ? 1 : 9;
        limits.MaxConnectionsPerAddress = label is "address_limit" ? 1 : 9;
        limits.MaxUnauthenticated = label is "unauthenticated_limit" ? 1 : 9;
        limits.AcceptsPerSecond = limits.AcceptBurst = label is "accept_rate" ? 1 : 9;
        _gateway.Connect();

        var refused = _gateway.Connect();
        await refused.CloseAsync();

        Assert.Equal(
            (1.0, 1.0, 1.0, 0.0),
            (Meters.Sum(Refused, $"limit={label}"), Meters.Sum(Active), Meters.Sum(Opened), Meters.Sum(Closed)));
    }

    [Fact]
    public async Task Duration_OfAConnection_IsInSeconds()
    {
        var client = await _gateway.EnterAsync();
        _gateway.Clock.Advance(TimeSpan.FromSeconds(42));

        await client.CloseAsync();

        Assert.Equal(42, Meters.Sum("direct.gateway.connection.duration"));
    }

    [Fact]
    public async Task Messages_TokenJoinAndBroadcast_AreCountedAndControlFramesAreNot()
    {
        var client = await _gateway.JoinAsync(1, 2);
        await client.BroadcastAsync("hello");
        await client.SendAsync(InMemoryClient.Ping("x"));

        Assert.Equal(3, Meters.Sum("direct.gateway.messages.received"));
    }

    [Fact]
    public async Task Joins_WithAFieldThatIsNoNumber_AreCounted()
    {
        var client = await _gateway.JoinAsync(1, 2);

        await client.SendTextAsync("7,1\n");
        await client.SendTextAsync("7,1");

        Assert.Equal(1, Meters.Sum("direct.gateway.joins.malformed"));
    }

    [Fact]
    public void Signals_AnAnswer_IsCountedByItsStatusAndTimedInSeconds()
    {
        _gateway.Metrics.SignalAnswered(200, TimeSpan.FromSeconds(1.5));
        _gateway.Metrics.SignalAnswered(409, TimeSpan.FromSeconds(0.5));

        Assert.Equal(
            (1.0, 1.0, 2.0),
            (Meters.Sum("direct.gateway.signals", "status=200"), Meters.Sum("direct.gateway.signals", "status=409"),
                Meters.Sum("direct.gateway.signal.duration")));
    }

    // The values of tags come from closed sets. An id or an address in a tag would create a series for each client.
    [Fact]
    public async Task Tags_OfEverythingAConnectionDoes_AreOfClosedSets()
    {
        var client = await _gateway.JoinAsync(5, 7);
        await client.BroadcastAsync("hello");
        await client.CloseAsync();

        Assert.All(Meters.Measurements, each => Assert.Matches("^(|reason=[a-z_]+|limit=[a-z_]+|status=[0-9]{3}|outcome=[a-z_]+)$", each.Tags));
    }

    private IEnumerable<string> TagsOf(string instrument) =>
        Meters.Measurements.Where(each => each.Instrument == instrument).Select(each => each.Tags);
}
