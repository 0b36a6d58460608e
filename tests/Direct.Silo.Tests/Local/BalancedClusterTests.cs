using System.Net;
using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Local;

/// <summary>
/// A whole cluster of deploy/local with its balancer and a browser: one of everything is killed, then every process is
/// started again, one after the other. A backend signals all the time, and repeats by its id what was answered 503 or not at all.
/// </summary>
[Collection(nameof(Alone))]
public sealed class BalancedClusterTests : IAsyncDisposable
{
    private const int Clients = 12;
    private const int Abnormal = 1006;
    private const int Draining = 4001;

    private static readonly SignalStream[] Streams =
    [
        new(1, 0, 0, HasIds: true),
        new(2, 7, 0, HasIds: true),
        new(3, 0, 3, HasIds: true),
        new(4, 7, 3, HasIds: true),
        new(5, 7, 3, HasIds: false),
    ];

    private readonly LocalCluster _cluster = new();
    private readonly int _port = FreePort.Take();
    private readonly int _balancer = FreePort.Take();
    private BrowserPage? _page;
    private Signaller? _signaller;

    private BrowserPage Page => _page!;

    private Signaller Backend => _signaller!;

    [Fact]
    public async Task Cluster_EverythingKilledAndRolled_ClientsComeBackAndNothingAcceptedIsLost()
    {
        SlowTests.SkipIfUnwanted();
        var missing = MariaDb.WhyMissing ?? Balancer.WhyMissing ?? BrowserPage.WhyMissing;
        Assert.SkipWhen(missing is not null, missing ?? "");
        await StartAsync();

        await EveryoneGetsSignalsAsync();
        await StrangersAddressDoesNotCountAsync();
        await LongestGetArrivesAsync();
        await UsersGetTheirOwnAsync();
        await KillOneOfEverythingAsync();
        await RollEverythingAsync();
        await UsersGetTheirOwnAsync();
        await Deadline.UntilAsync("a signal to everyone is answered 200 with all of them", async () =>
            await Backend.TrySendAsync("0,0,0", "well") is { Status: HttpStatusCode.OK, Delivered: Clients });

        await EveryoneGetsSignalsAsync();
        await Backend.StopAsync();
        await Page.WaitForAllAsync(Backend.Next.ToDictionary(next => next.Key, next => next.Value - 1));
        Assert.True(Backend.Accepted > 200, $"only {Backend.Accepted} signals were accepted");
        foreach (var client in await Page.ClientsAsync())
        {
            AssertNothingLostOrDoubled(client);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // In the opposite order, and the cluster even when the page cannot be closed.
        await using var cluster = _cluster;
        await using var page = _page;
        await using var signaller = _signaller;
    }

    private async Task StartAsync()
    {
        var up = await _cluster.DoAsync(
            "up", "--silos", "2", "--gateways", "2", "--port", $"{_port}", "--balancer", $"{_balancer}",
            "env=test", "Direct:Signals:AllowedNetworks:0=127.0.0.1");
        Assert.Contains($"http://127.0.0.1:{_balancer}/!direct-signal", up, StringComparison.Ordinal);
        Assert.Equal([_balancer], await _cluster.PortsAsync("balancer"));

        _page = await BrowserPage.OpenAsync($"http://127.0.0.1:{_balancer}/livez");
        for (var i = 0; i < Clients; i++)
        {
            var (group, channel) = (7 + (i % 2), 3 + (i / 2 % 2));
            var streams = Streams.Where(stream => stream.IsFor(group, channel)).Select(stream => stream.Number);
            await Page.KeepAsync($"ws://127.0.0.1:{_balancer}/!direct", $"{group},{channel}", streams);
        }

        _signaller = new Signaller(_balancer, Streams);
    }

    private async Task KillOneOfEverythingAsync()
    {
        var (gateway, silo, database) = (_port, (await _cluster.PortsAsync("silos"))[0], (await _cluster.PortsAsync("database"))[0]);
        await ClosesAsync(Abnormal, await ConnectionsAtAsync(gateway), () => _cluster.KillAsync("gateways", gateway));
        await ClosesNobodyAsync(() => _cluster.DoAsync("restart", "gateway", $"{gateway}"));

        await ClosesNobodyAsync(() => _cluster.KillAsync("silos", silo));
        await ClosesNobodyAsync(() => _cluster.DoAsync("restart", "silo", $"{silo}"));

        await ClosesNobodyAsync(() => _cluster.KillAsync("database", database));
        await ClosesNobodyAsync(() => _cluster.DoAsync("restart", "database", $"{database}"));

        await ClosesAsync(Abnormal, Clients, async () =>
        {
            await _cluster.KillAsync("balancer", _balancer);
            await _cluster.DoAsync("restart", "balancer", $"{_balancer}");
        });
    }

    private async Task RollEverythingAsync()
    {
        foreach (var gateway in await _cluster.PortsAsync("gateways"))
        {
            var connections = await ConnectionsAtAsync(gateway);
            Assert.True(connections > 0, $"nobody was at gateway {gateway}");
            await ClosesAsync(Draining, connections, () => _cluster.DoAsync("restart", "gateway", $"{gateway}"));
        }

        foreach (var silo in await _cluster.PortsAsync("silos"))
        {
            await ClosesNobodyAsync(() => _cluster.DoAsync("restart", "silo", $"{silo}"));
        }

        await ClosesNobodyAsync(async () => await _cluster.DoAsync("restart", "database", $"{(await _cluster.PortsAsync("database"))[0]}"));
        await ClosesAsync(Abnormal, Clients, () => _cluster.DoAsync("restart", "balancer", $"{_balancer}"));
    }

    private Task ClosesNobodyAsync(Func<Task> happening) => ClosesAsync(0, 0, happening);

    // Something happens, everyone is served again, and meanwhile exactly so many connections have ended, in this way.
    private async Task ClosesAsync(int code, int count, Func<Task> happening)
    {
        var before = await ClosesAsync();

        await happening();
        await EveryoneGetsSignalsAsync();

        var after = await ClosesAsync();
        foreach (var known in before)
        {
            after.Remove(known);
        }

        Assert.Equal(Enumerable.Repeat(code, count), after);
    }

    private async Task<List<int>> ClosesAsync() =>
    [
        .. from client in await Page.ClientsAsync()
           from connection in client.Connections
           where !connection.IsOpen
           select connection.Code,
    ];

    // Each of them is connected, and gets what is sent from now on.
    private Task EveryoneGetsSignalsAsync() => Page.WaitForAllAsync(Backend.Next);

    private async Task<int> ConnectionsAtAsync(int gatewayPort)
    {
        var answer = await RawHttp.RequestAsync(_balancer, "GET", "/!direct-signal?part=0,0,0&explain=1");
        using var json = JsonDocument.Parse(answer.Text);
        return json.RootElement.GetProperty("gateways").EnumerateArray()
            .Where(gateway => gateway.GetProperty("name").GetString()!.EndsWith($":{gatewayPort}", StringComparison.Ordinal))
            .Sum(gateway => gateway.GetProperty("connections").GetInt32());
    }

    private async Task StrangersAddressDoesNotCountAsync()
    {
        const string Target = "/!direct-signal?part=99,0,0&message=hello";
        const string Claim = "X-Forwarded-For: 127.0.0.1"; // which alone may signal
        var stranger = IPAddress.Parse("127.0.0.2");

        var refused = await RawHttp.RequestFromAsync(stranger, _balancer, "GET", Target, Claim);
        var believed = await RawHttp.RequestFromAsync(stranger, _port, "GET", Target, Claim);

        Assert.Equal(403, refused.Status);
        Assert.Contains("127.0.0.2", refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, believed.Status); // past the balancer it would have counted
    }

    private async Task LongestGetArrivesAsync()
    {
        var message = new string('ü', 32 * 1024);

        var answer = await RawHttp.RequestAsync(_balancer, "GET", $"/!direct-signal?part=7,3,0&message={Uri.EscapeDataString(message)}");

        Assert.Equal(200, answer.Status);
        await Page.WaitForTextAsync(message, Clients / 4);
    }

    private async Task UsersGetTheirOwnAsync()
    {
        var answer = await RawHttp.RequestAsync(_balancer, "GET", "/!direct-users?part=0,0,0");
        using var json = JsonDocument.Parse(answer.Text);
        var users = json.RootElement.GetProperty("users").EnumerateArray().Select(row => row.GetProperty("user").GetInt64()).ToArray();
        Assert.Equal(Clients, users.Length);
        foreach (var user in users)
        {
            var message = $"you-{user}-{Guid.NewGuid()}";
            await Deadline.UntilAsync($"a signal to user {user} is accepted", async () =>
                (await Backend.TrySendAsync($"0,0,{user}", message, message))?.Status is HttpStatusCode.OK or HttpStatusCode.Accepted);
            await Page.WaitForTextAsync(message, 1);
        }
    }

    // Of every stream that is for this client each connection got all that was accepted from its first number to its last, and each once.
    private void AssertNothingLostOrDoubled(PageClient client)
    {
        foreach (var connection in client.Connections)
        {
            Assert.Empty(connection.Numbers.Keys.Except(client.Streams));
            foreach (var (stream, numbers) in connection.Numbers)
            {
                Assert.True(numbers.Distinct().Count() == numbers.Length, $"twice in stream {stream}: {client}");
                var between = Enumerable.Range(numbers.Min(), numbers.Max() - numbers.Min() + 1);
                Assert.Empty(between.Where(number => Backend.IsAccepted(stream, number)).Except(numbers));
            }
        }
    }
}
