using System.Diagnostics;
using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Rights;

/// <summary>Tests each rule of a recheck alone: what may be in the way of a right that was taken away.</summary>
public sealed class RecheckTests(RightsCluster cluster) : IClassFixture<RightsCluster>, IDisposable
{
    private const long ReadAndWrite = 3;
    private const long Read = 1;

    private readonly long _group = SharedCluster.NewNumber();
    private readonly long _channel = SharedCluster.NewNumber();
    private readonly long _user = SharedCluster.NewNumber();

    private string Room => $"{_group},{_channel},0";

    public void Dispose()
    {
        cluster.Backend.Release();
        cluster.Backend.IsDown = false;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recheck_MembersOnBothGatewaysLostTheRight_RemovesThemAlone(bool speaksDirect2)
    {
        var other = SharedCluster.NewNumber();
        Allow(_user, ReadAndWrite);
        Allow(other, ReadAndWrite);
        await using var a = await JoinAsync(cluster.A, _user, speaksDirect2);
        await using var b = await JoinAsync(cluster.B, _user, speaksDirect2);
        await using var stays = await JoinAsync(cluster.B, other, speaksDirect2);
        Allow(_user, 0);

        var answer = await cluster.A.RecheckAsync(Room);

        Assert.Equal((HttpStatusCode.OK, """{"checked":3,"removed":2,"gateways":2}"""), answer);
        Assert.Equal((1, 1), await cluster.A.DeliverAsync(Room, "later"));
        await Task.WhenAll(a.Removed, b.Removed).WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        await Deadline.UntilAsync("the other member gets it", () => stays.Messages.Contains("later"));
        Assert.Empty(a.Messages);
        Assert.Empty(b.Messages);
        Assert.Equal((HttpStatusCode.OK, """{"checked":1,"removed":0,"gateways":2}"""), await cluster.B.RecheckAsync(Room));
    }

    /// <summary>The answer that another gateway remembers must not let a user in who has lost the right.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recheck_AnswerIsRememberedByTheOtherGateway_IsForgotten(bool speaksDirect2)
    {
        Allow(_user, ReadAndWrite);
        await (await JoinAsync(cluster.B, _user, speaksDirect2)).DisposeAsync();
        await (await JoinAsync(cluster.B, _user, speaksDirect2)).DisposeAsync();
        Assert.Equal(1, cluster.Backend.LookUps(_user, _group, _channel)); // otherwise nothing is remembered, and this tests nothing
        await Deadline.UntilAsync("both have left", async () => (await cluster.A.RecheckAsync("1,1,1")).Status is HttpStatusCode.OK && await CountAsync() == 0);
        Allow(_user, 0);

        await cluster.A.RecheckAsync(Room);

        await using var back = await RoomMember.ConnectAsync(cluster.B, _user, speaksDirect2);
        Assert.False(await back.TryJoinAsync(_group, _channel));
    }

    /// <summary>What a user may not do is remembered too. A right to speak that was given counts after a recheck.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recheck_RightToSpeakWasGiven_CountsOnTheOtherGateway(bool speaksDirect2)
    {
        Allow(_user, Read);
        await using var member = await JoinAsync(cluster.B, _user, speaksDirect2);
        await member.SayAsync(_group, _channel, "too early");
        Assert.True(await member.TryJoinAsync(_group, _channel)); // it was handled, before the recheck
        Allow(_user, ReadAndWrite);

        await cluster.A.RecheckAsync($"0,0,{_user}");

        await member.SayAsync(_group, _channel, "now");
        await Deadline.UntilAsync("it is heard", () => member.Messages.Count > 0);
        Assert.Equal(["now"], member.Messages);
    }

    /// <summary>The source has answered "yes" to a join before the right was taken, and the answer arrives after the recheck.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recheck_AnswerIsUnderWayToTheOtherGateway_IsAskedForAgain(bool speaksDirect2)
    {
        Allow(_user, ReadAndWrite);
        await using var member = await RoomMember.ConnectAsync(cluster.B, _user, speaksDirect2);
        cluster.Backend.Hold();
        var joining = member.TryJoinAsync(_group, _channel);
        await Deadline.UntilAsync("the backend is asked", () => cluster.Backend.LookUps(_user, _group, _channel) > 0);
        Allow(_user, 0);

        var answer = await cluster.A.RecheckAsync(Room);

        Assert.Equal((HttpStatusCode.OK, """{"checked":0,"removed":0,"gateways":2}"""), answer);
        Assert.False(joining.IsCompleted);
        cluster.Backend.Release();
        Assert.False(await joining);
        Assert.Equal((0, 0), await cluster.A.DeliverAsync(Room, "later"));
        Assert.Empty(member.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recheck_RightToSpeakWasTaken_NothingMoreIsHeard(bool speaksDirect2)
    {
        var listener = SharedCluster.NewNumber();
        Allow(_user, ReadAndWrite);
        Allow(listener, Read);
        await using var speaker = await JoinAsync(cluster.B, _user, speaksDirect2);
        await using var hears = await JoinAsync(cluster.A, listener, speaksDirect2);
        await speaker.SayAsync(_group, _channel, "before");
        await Deadline.UntilAsync("the first is heard", () => hears.Messages.Contains("before"));
        Allow(_user, Read);

        Assert.Equal((HttpStatusCode.OK, """{"checked":2,"removed":0,"gateways":2}"""), await cluster.A.RecheckAsync(Room));

        await speaker.SayAsync(_group, _channel, "after");
        Assert.True(await speaker.TryJoinAsync(_group, _channel)); // it was handled
        Assert.Equal((2, 2), await cluster.A.DeliverAsync(Room, "end"));
        await Deadline.UntilAsync("the end is heard", () => hears.Messages.Contains("end"));
        Assert.Equal(["before", "end"], hears.Messages);
    }

    /// <summary>Look-ups may take longer than a gateway may take to answer a query, 2 s.</summary>
    [Fact]
    public async Task Recheck_LookUpsAreSlow_IsWhole()
    {
        Allow(_user, ReadAndWrite);
        await using var member = await JoinAsync(cluster.B, _user, speaksDirect2: true);
        Allow(_user, 0);
        cluster.Backend.Hold();
        var watch = Stopwatch.StartNew();

        var answering = cluster.A.RecheckAsync(Room);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        Assert.False(answering.IsCompleted);
        cluster.Backend.Release();

        Assert.Equal((HttpStatusCode.OK, """{"checked":1,"removed":1,"gateways":2}"""), await answering);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(4.5)); // those that were repeated have begun after the release
    }

    [Fact]
    public async Task Recheck_SourceIsDown_Is503NamingTheGatewaysAndRemovesNobody()
    {
        Allow(_user, ReadAndWrite);
        await using var member = await JoinAsync(cluster.B, _user, speaksDirect2: false);
        Allow(_user, 0);
        cluster.Backend.IsDown = true;

        var (status, body) = await cluster.A.RecheckAsync(Room);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("The source of rights did not answer for every membership on b.", body, StringComparison.Ordinal);
        Assert.Equal((1, 1), await cluster.A.DeliverAsync(Room, "kept"));
        cluster.Backend.IsDown = false;
        Assert.Equal((1, 1), await RightsCluster.RecheckAsync(cluster.A, Room));
        await member.Removed.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        Assert.Equal(["kept"], member.Messages);
    }

    [Fact]
    public async Task Rights_OfAUser_AreThoseOfTheSourceNow()
    {
        Allow(_user, Read);
        await using var member = await JoinAsync(cluster.A, _user, speaksDirect2: true);
        Allow(_user, 7);

        Assert.Equal((HttpStatusCode.OK, """{"mask":7,"read":true,"write":true}"""), await cluster.A.GetAsync($"/!direct-rights?part={_group},{_channel},{_user}"));
        Assert.Equal((HttpStatusCode.OK, """{"mask":0,"read":false,"write":false}"""), await cluster.B.GetAsync($"/!direct-rights?part={_group},0,{_user}"));
        cluster.Backend.IsDown = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await cluster.B.GetAsync($"/!direct-rights?part={_group},{_channel},{_user}")).Status);
        cluster.Backend.IsDown = false;
        await Deadline.UntilAsync("B asks again", async () => (await cluster.B.GetAsync($"/!direct-rights?part={_group},{_channel},{_user}")).Status is HttpStatusCode.OK);
    }

    private void Allow(long user, long mask) => cluster.Backend.Set(user, _group, _channel, mask);

    private Task<RoomMember> JoinAsync(GatewayHost gateway, long user, bool speaksDirect2) =>
        RoomMember.JoinAsync(gateway, user, speaksDirect2, _group, _channel);

    private async Task<int> CountAsync() => (await cluster.A.DeliverAsync(Room, "")).Delivered ?? 0;
}
