using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Cluster.Tests.Keeping;

/// <summary>Tests clients of two gateways that keep topics: the silos number the messages, so a position of one gateway has a meaning at the other.</summary>
public sealed class KeeperTests : IAsyncLifetime
{
    private const long User = 4242;

    // With those of their groups and channels, fourteen lanes.
    private static readonly string[] Rooms = [.. Enumerable.Range(1, 6).Select(static channel => $"7,{channel}")];

    private DirectTestCluster _cluster = null!;
    private GatewayHost _a = null!;
    private GatewayHost _b = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await DirectTestCluster.StartAsync(silos: 2, gateways: 0);
        _a = await _cluster.AddGatewayAsync();
        _b = await _cluster.AddGatewayAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Messages_OnTwoGateways_HaveTheSamePositions()
    {
        await using var here = await ConnectAsync(_a, User, Direct2Texts.Resume([], "7,1"));
        await using var there = await ConnectAsync(_b, User + 1, Direct2Texts.Resume([], "7,1"));
        await here.ReceiveUntilAsync(IsReady);
        await there.ReceiveUntilAsync(IsReady);
        await using var original = await _b.JoinAsync(7, 1); // after the others have their ids

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal((3, 2), await (i % 2 == 0 ? _a : _b).DeliverAsync("7,1,0", $"room {i}"));
            Assert.Equal((3, 2), await (i % 2 == 0 ? _b : _a).DeliverAsync("7,0,0", $"group {i}"));
        }

        Assert.Equal((3, 2), await _a.DeliverAsync("0,0,0", "all"));
        var (ofHere, ofThere) = (Sorted(await here.ReceiveUntilAsync(IsAll)), Sorted(await there.ReceiveUntilAsync(IsAll)));
        Assert.Equal(21, ofHere.Length);
        Assert.Equal(ofHere, ofThere);
        Assert.DoesNotContain(ofHere, static text => text.Contains(" 0\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_ThatMovesToAnotherGateway_GetsExactlyWhatItMissed()
    {
        var first = await ConnectAsync(_a, User, Direct2Texts.Resume([], "7,1", "8,0"));
        var told = await first.ReceiveUntilAsync(IsReady);
        await _b.DeliverAsync("7,1,0", "seen");
        told.AddRange(await first.ReceiveUntilAsync(static text => text.EndsWith("\nseen", StringComparison.Ordinal)));
        await first.DisposeAsync();
        await _b.DeliverAsync("7,1,0", "1");
        await _a.DeliverAsync("7,1,0", "2");
        await _b.DeliverAsync("7,0,0", "3");
        await _b.DeliverAsync($"0,0,{User}", "4");
        await _b.DeliverAsync("0,0,0", "5");

        await using var second = await ConnectAsync(_b, User, Direct2Texts.Resume(told, "7,1", "8,0"));
        var received = await second.ReceiveUntilAsync(IsReady);
        await _a.DeliverAsync("7,1,0", "live");
        received.AddRange(await second.ReceiveUntilAsync(static text => text.EndsWith("\nlive", StringComparison.Ordinal)));

        Assert.DoesNotContain(received, static text => text.StartsWith("gap", StringComparison.Ordinal));
        Assert.Equal(["1", "2", "3", "4", "5", "live"], Direct2Texts.Payloads(received).Order(StringComparer.Ordinal));
        Assert.Equal(["1", "2"], Direct2Texts.Payloads(received).Where(static text => text is "1" or "2"));
    }

    [Fact]
    public async Task Client_WhoseGatewayHasStopped_ResumesOnAnotherOne()
    {
        var first = await ConnectAsync(_a, User, Direct2Texts.Resume([], "7,1"));
        var told = await first.ReceiveUntilAsync(IsReady);
        await using var other = await ConnectAsync(_b, User + 1, Direct2Texts.Resume([], "7,1"));
        await other.ReceiveUntilAsync(IsReady);
        await _a.StopAsync();
        await first.DisposeAsync();
        await _b.DeliverAsync("7,1,0", "1");
        await _b.DeliverAsync("7,0,0", "2");

        await using var second = await ConnectAsync(_b, User, Direct2Texts.Resume(told, "7,1"));
        var received = await second.ReceiveUntilAsync(IsReady);

        Assert.DoesNotContain(received, static text => text.StartsWith("gap", StringComparison.Ordinal));
        Assert.Equal(["1", "2"], Direct2Texts.Payloads(received).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Tests a silo that stops: its lanes start on the other one, which continues the logs that the gateways keep. With fourteen lanes, some were on it.
    /// </summary>
    [Fact]
    public async Task Client_WhoseLanesMoveToAnotherSilo_ResumesWithoutGap()
    {
        var first = await ConnectAsync(_a, User, Direct2Texts.Resume([], Rooms));
        await using var other = await ConnectAsync(_b, User + 1, Direct2Texts.Resume([], Rooms));
        var told = await first.ReceiveUntilAsync(IsReady);
        await other.ReceiveUntilAsync(IsReady);
        foreach (var room in Rooms)
        {
            await _a.DeliverAsync($"{room},0", $"seen {room}");
            told.AddRange(await first.ReceiveUntilAsync(static text => text.Contains("\nseen", StringComparison.Ordinal)));
        }

        await first.DisposeAsync();
        await SendToAllAsync("before");
        await _cluster.StopSiloAsync(_cluster.Silos[1]);
        await SendToAllAsync("after");

        await using var second = await ConnectAsync(_b, User, Direct2Texts.Resume(told, Rooms));
        var received = await second.ReceiveUntilAsync(IsReady);

        Assert.DoesNotContain(received, static text => text.StartsWith("gap", StringComparison.Ordinal));
        Assert.Equal(
            Rooms.SelectMany(static room => new[] { $"after {room}", $"before {room}" }).Order(StringComparer.Ordinal), Direct2Texts.Payloads(received).Order(StringComparer.Ordinal));
        await SendToAllAsync("live");
        var live = new List<string>();
        while (live.Count < Rooms.Length)
        {
            live.AddRange(Direct2Texts.Payloads([await second.ReceiveTextAsync()]));
        }

        Assert.Equal(Rooms.Select(static room => $"live {room}"), live.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Tests a gateway that stops and is the only one that keeps the topics of its client. The silos have another gateway keep them, so the end of a silo loses nothing. With fourteen lanes,
    /// some are on the silo that stops.
    /// </summary>
    [Fact]
    public async Task Client_WhoseOnlyGatewayStopsAndThenASilo_ResumesWithoutGap()
    {
        var first = await ConnectAsync(_a, User, Direct2Texts.Resume([], Rooms));
        var told = await first.ReceiveUntilAsync(IsReady);
        await SendToAllAsync("seen");
        while (Direct2Texts.Payloads(told).Length < Rooms.Length)
        {
            told.Add(await first.ReceiveTextAsync());
        }

        await first.DisposeAsync();
        await SendToAllAsync("before");
        await _a.StopAsync();
        await SendToAllAsync("between");
        await _cluster.StopSiloAsync(_cluster.Silos[1]);
        await SendToAllAsync("after");

        await using var second = await ConnectAsync(_b, User, Direct2Texts.Resume(told, Rooms));
        var received = await second.ReceiveUntilAsync(IsReady);

        Assert.DoesNotContain(received, static text => text.StartsWith("gap", StringComparison.Ordinal));
        Assert.Equal(
            Rooms.SelectMany(static room => new[] { $"after {room}", $"before {room}", $"between {room}" }).Order(StringComparer.Ordinal),
            Direct2Texts.Payloads(received).Order(StringComparer.Ordinal));
    }

    private async Task SendToAllAsync(string text)
    {
        foreach (var room in Rooms)
        {
            await _b.DeliverAsync($"{room},0", $"{text} {room}");
        }
    }

    // The topic of the user is the last that a client is told of.
    private static bool IsReady(string text) => text.StartsWith("at 0,0,42", StringComparison.Ordinal);

    private static bool IsAll(string text) => text.StartsWith("0,0,0 ", StringComparison.Ordinal);

    private static string[] Sorted(List<string> texts) => [.. texts.Where(static text => text.Contains('\n', StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static async Task<ProtocolClient> ConnectAsync(GatewayHost gateway, long user, string first)
    {
        gateway.Services.GetRequiredService<RecordingTestIds>().Next = user;
        var client = await ProtocolClient.ConnectAsync(gateway.Port, HandshakeOptions.Direct2);
        await client.SendTextAsync(first);
        return client;
    }
}
