using System.Diagnostics;
using System.Net;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Load;
using Direct.Testing;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Containers.Tests.Partitions;

/// <summary>
/// Tests containers that lose their network: packets are lost in both directions, and connections stay half open on both sides. The crash tests do
/// the same to processes, with a proxy that holds bytes back.
/// </summary>
public sealed class CutOffTests(ContainerEngine engine, ITestOutputHelper output)
{
    private const int GatewayFenced = 4008;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Stopwatch _watch = new();

    [Fact]
    public async Task Gateway_WithoutItsNetwork_ClosesItsConnectionsAndComesBack()
    {
        await using var cluster = await StartAsync("gateway");
        var (cut, well) = (cluster.Entries["gateway-1"], cluster.Entries["gateway-2"]);
        await using var load = await LoadRun.StartAsync([cut, well], NetworkedCluster.Key);
        var address = await cluster.InnerAddressAsync("gateway-1");
        _watch.Start();

        await CutAsync(cluster, load, address);
        await CutAsync(cluster, load, address: null); // with another address, no silo answers on the gateway's existing connections

        var errors = await load.FinishAsync();
        Note($"{load.Accepted} signals accepted, {load.Sessions.Count} connections, {errors.Count} errors");
        Assert.Empty(errors);
        Assert.All(load.Sessions.Where(session => session.Entry == well), session => Assert.Equal(long.MaxValue, session.ClosedAt)); // other gateways are not affected
    }

    [Fact]
    public async Task Silo_WithoutItsNetwork_IsReplacedAndComesBack()
    {
        await using var cluster = await StartAsync("silo");
        await using var load = await LoadRun.StartAsync([.. cluster.Entries.Values], NetworkedCluster.Key);
        var address = await cluster.InnerAddressAsync("silo-1");
        var pid = await cluster["silo-1"].PidAsync();

        await cluster.CutAsync("silo-1");
        _watch.Start();
        await Deadline.UntilAsync("the other silo has given it up", () => cluster.IsDeadAsync(address), Patience);
        Note("given up");
        await load.SettleAsync(more: 100);
        Note("signals go on");

        await cluster.RestoreAsync("silo-1", address);
        Note("restored");
        await cluster["silo-1"].WaitForRestartAsync(pid); // the silo detects that it was declared dead, and exits
        Note("ended by itself and started again");
        await load.SettleAsync();

        var errors = await load.FinishAsync();
        Note($"{load.Accepted} signals accepted, {load.Sessions.Count} connections, {errors.Count} errors");
        Assert.Empty(errors);
    }

    // Disconnects the first gateway from its network until all its connections are closed, and reconnects it.
    private async Task CutAsync(NetworkedCluster cluster, LoadRun load, IPAddress? address)
    {
        var entry = cluster.Entries["gateway-1"];
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(entry.WebSockets, options: HandshakeOptions.Default with { Address = entry.Address });
        await cluster.CutAsync("gateway-1");
        Note("cut off");
        Assert.Equal(GatewayFenced, (await browser.ReceiveCloseFrameAsync(Patience)).Code);
        await Deadline.UntilAsync("all have been closed", () => load.Sessions.All(session => session.Entry != entry || session.ClosedAt != long.MaxValue), Patience);
        Note("its connections have been closed");
        Assert.All(load.Sessions.Where(session => session.Entry == entry), session => Assert.Equal(GatewayFenced, session.CloseCode));
        await load.SettleAsync();

        await cluster.RestoreAsync("gateway-1", address);
        Note(address is null ? "back under another address" : "back under its address");
        await cluster.WaitReadyAsync("gateway-1");
        Note("ready again");
        await load.SettleAsync();
    }

    private async Task<NetworkedCluster> StartAsync(string name)
    {
        SlowTests.SkipIfUnwanted();
        engine.Images.Require();
        return await NetworkedCluster.StartAsync(engine, name);
    }

    private void Note(string what) => output.WriteLine(FormattableString.Invariant($"{_watch.Elapsed.TotalSeconds:0.0} s: {what}"));
}
