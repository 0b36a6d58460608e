using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Rights;

/// <summary>Tests rechecks while a gateway does not answer or checks no rights: they say so, and are never answered 200.</summary>
public sealed class RecheckWithoutAnswerTests(RightsCluster cluster) : IClassFixture<RightsCluster>
{
    private readonly long _group = SharedCluster.NewNumber();
    private readonly long _user = SharedCluster.NewNumber();

    [Fact]
    public async Task Recheck_OneGatewayHangs_Is503NamingItAndRepeatedIsWhole()
    {
        cluster.Backend.Set(_user, _group, 7, 1);
        await using var here = await RoomMember.JoinAsync(cluster.A, _user, speaksDirect2: false, _group, 7);
        await using var there = await RoomMember.JoinAsync(cluster.B, _user, speaksDirect2: true, _group, 7);
        cluster.Backend.Set(_user, _group, 7, 0);
        cluster.B.Sink.Hang();
        try
        {
            var (status, body) = await cluster.A.RecheckAsync($"{_group},0,0");

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains("No answer from b. 1 memberships were checked and 1 removed", body, StringComparison.Ordinal);
            await here.Removed.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        }
        finally
        {
            cluster.B.Sink.WakeUp();
        }

        await RightsCluster.RecheckAsync(cluster.A, $"{_group},0,0");
        await there.Removed.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
    }

    /// <summary>As while the settings are rolled out: the connections of that gateway are not checked.</summary>
    [Fact]
    public async Task Recheck_OneGatewayChecksNoRights_Is503NamingItAndItsOwnAnswerIs409()
    {
        var open = await cluster.Cluster.AddGatewayAsync();

        var (status, body) = await cluster.A.RecheckAsync($"{_group},0,0");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains($"No rights are checked (Direct:Rights:Mode is open) by {open.Name}.", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await open.RecheckAsync($"{_group},0,0")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await open.GetAsync($"/!direct-rights?part={_group},0,{_user}")).Status);
        await open.StopAsync();
        await RightsCluster.RecheckAsync(cluster.A, $"{_group},0,0");
    }
}
