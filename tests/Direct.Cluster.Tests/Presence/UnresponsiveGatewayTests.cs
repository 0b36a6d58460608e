using System.Diagnostics;
using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Presence;

/// <summary>
/// Tests presence queries while one gateway renews its lease but does not respond: the response names it as missing and still contains what the
/// others reported.
/// </summary>
public sealed class UnresponsiveGatewayTests(UnresponsiveGatewayTests.Fixture fixture) : IClassFixture<UnresponsiveGatewayTests.Fixture>, IDisposable
{
    private readonly long _group = SharedCluster.NewNumber();

    private GatewayHost A => fixture.Cluster.Gateways[0];

    private GatewayHost B => fixture.Cluster.Gateways[1];

    private GatewayHost C => fixture.Cluster.Gateways[2];

    public void Dispose() => C.Sink.WakeUp();

    [Theory]
    [InlineData("/!direct-users?part={0},0,0", "\"connections\":1}],\"next\":null,\"complete\":false,\"missing\":[\"c\"]}")]
    [InlineData("/!direct-users?part={0},0,0&count=1", "{\"connections\":1,\"users\":1,\"gateways\":1,\"complete\":false,\"missing\":[\"c\"]}")]
    [InlineData("/!direct-signal?part={0},0,0&explain=1", "\"connections\":1,\"gateways\":[{\"name\":\"a\",\"connections\":1}],\"missing\":[\"c\"]}")]
    public async Task Query_OneGatewayHangs_IsAnsweredInTimeNamingIt(string target, string expected)
    {
        await using var here = await A.JoinAsync(_group, 7);
        await using var there = await C.JoinAsync(_group, 7);
        await Task.WhenAll(here.SyncAsync(), there.SyncAsync());
        C.Sink.Hang();
        var watch = Stopwatch.StartNew();

        var (status, body) = await B.GetAsync(target.Replace("{0}", $"{_group}", StringComparison.Ordinal));

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.EndsWith(expected, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_OneGatewayHangs_SaysSoAndRepeatedIsWhole()
    {
        await using var here = await A.JoinAsync(_group, 7);
        await using var there = await C.JoinAsync(_group, 7);
        await Task.WhenAll(here.SyncAsync(), there.SyncAsync());
        C.Sink.Hang();

        var (status, body) = await B.GetAsync($"/!direct-close?part={_group},0,0&code=4999");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("No answer from c; 1 connections", body, StringComparison.Ordinal);
        Assert.Equal(4999, (await here.ReceiveCloseAsync()).Code);
        C.Sink.WakeUp();
        var (again, _) = await B.GetAsync($"/!direct-close?part={_group},0,0&code=4999");
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal(4999, (await there.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Users_GatewayLeaves_AreCompleteWithoutIt()
    {
        var leaving = await fixture.Cluster.AddGatewayAsync();
        await leaving.StopAsync();

        await Deadline.UntilAsync(
            "the others are complete",
            async () => (await B.GetAsync($"/!direct-users?part={_group},0,0")).Body.Contains("\"complete\":true", StringComparison.Ordinal));
    }

    /// <summary>Provides a cluster of three gateways, of which c can hang.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private DirectTestCluster? _cluster;

        internal DirectTestCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync() => _cluster = await DirectTestCluster.StartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
