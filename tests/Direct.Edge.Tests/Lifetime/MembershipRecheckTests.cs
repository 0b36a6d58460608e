using Direct.Edge.Lifetime;
using Direct.Edge.Rights;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Lifetime;

public sealed class MembershipRecheckTests : IAsyncDisposable
{
    private readonly FakeRightsSource _source = new() { Default = 3 };
    private readonly TestGateway _gateway;
    private readonly MembershipRecheck _recheck;

    public MembershipRecheckTests()
    {
        _gateway = new TestGateway { RightsSource = _source };
        _ = _gateway.Hub;
        _recheck = NewRecheck(_gateway);
    }

    public async ValueTask DisposeAsync()
    {
        await _recheck.StopAsync(CancellationToken.None);
        _recheck.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task RunAsync_RightThatWasWithdrawn_ClosesTheMember()
    {
        var (gone, stays) = (await _gateway.JoinAsync(7, 1), await _gateway.JoinAsync(7, 1));
        _source.Masks[new RightsKey(1, 7, 1)] = 2;

        Assert.Equal(new RecheckResult(2, 1, true), await RunAsync(default));

        Assert.Equal((4502, "not allowed in this room"), (gone.Transport.Close?.Code, gone.Transport.Close?.Reason));
        Assert.Null(stays.Connection.CloseReason);
        Assert.Equal(1, _gateway.Signal(7, 1, 0, "x"));
    }

    [Fact]
    public async Task RunAsync_RightThatWasWithdrawnOfDirect2_LeavesThatRoomAlone()
    {
        var client = await _gateway.JoinDirect2Async("7,1", "7,2");
        _source.Masks[new RightsKey(1, 7, 1)] = 0;

        Assert.Equal(new RecheckResult(2, 1, true), await RunAsync(default));

        Assert.Equal("left 7,1 4502 not allowed in this room", client.Transport.Texts[^1]);
        Assert.Equal((0, 1, 1), (_gateway.Signal(7, 1, 0, "x"), _gateway.Signal(7, 2, 0, "y"), _gateway.Signal(7, 0, 0, "z")));
        await client.SendTextAsync("say 7,1 #a\nhello");
        Assert.Contains("error #a 4504 say 7,1 the room is not joined", client.Transport.Texts);
    }

    [Fact]
    public async Task RunAsync_WithStay_MovesTheMemberOutAndDropsItsTexts()
    {
        _gateway.RightsOptions.OnRefusedJoin = RefusedJoin.Stay;
        var (gone, stays) = (await _gateway.JoinAsync(7, 1), await _gateway.JoinAsync(7, 1));
        _source.Masks[new RightsKey(1, 7, 1)] = 0;

        await RunAsync(default);
        await gone.BroadcastAsync("no");
        await stays.BroadcastAsync("yes");

        Assert.Equal("yes", await stays.Transport.TextAsync());
        Assert.Empty(gone.Transport.Texts);
        Assert.Null(gone.Connection.CloseReason);
    }

    [Theory]
    [InlineData(0, 0, 0, 3)]
    [InlineData(7, 0, 0, 2)]
    [InlineData(7, 1, 0, 1)]
    [InlineData(0, 1, 0, 1)]
    [InlineData(0, 0, 2, 1)]
    [InlineData(7, 2, 2, 0)]
    [InlineData(9, 9, 9, 0)]
    public async Task RunAsync_OfAPart_ChecksTheMembershipsThatItMatches(long group, long channel, long user, long expected)
    {
        await _gateway.JoinDirect2Async("7,1", "7,2");
        await _gateway.JoinAsync(8, 3);
        await _gateway.EnterAsync();
        _source.Queries.Clear();

        Assert.Equal(new RecheckResult(expected, 0, true), await RunAsync(new Target(group, channel, user)));
        Assert.Equal(expected, _source.Queries.Sum(query => query.Length));
    }

    [Fact]
    public async Task RunAsync_SourceThatIsDown_RemovesNobodyAndSaysSo()
    {
        var client = await _gateway.JoinAsync(7, 1);
        _source.IsDown = true;

        Assert.Equal(new RecheckResult(0, 0, IsComplete: false), await RunAsync(default));

        Assert.Null(client.Connection.CloseReason);
        Assert.Equal(1, _gateway.Signal(7, 1, 0, "x"));
    }

    [Fact]
    public async Task RunAsync_SourceThatAnswersInPart_SaysSo()
    {
        for (var i = 0; i <= RoomRights.MaxFreshLookups * IRightsSource.MaxKeys; i++)
        {
            await _gateway.JoinAsync(7, 1);
        }

        _source.Hold();
        var running = RunAsync(default);
        await _source.QueriesAsync(_gateway.Registry.Count + RoomRights.MaxFreshLookups);
        _source.IsDown = true;
        _source.Release();

        Assert.Equal(new RecheckResult(RoomRights.MaxFreshLookups * IRightsSource.MaxKeys, 0, IsComplete: false), await running);
    }

    // A right that the source can never answer must not end every round at its batch.
    [Fact]
    public async Task RunAsync_RightThatCannotBeAnswered_ChecksTheOthers()
    {
        var clients = new List<InMemoryClient>();
        for (var i = 0; i < 3 * IRightsSource.MaxKeys; i++)
        {
            clients.Add(await _gateway.JoinAsync(7, 1));
        }

        _source.Default = 0;
        foreach (var client in clients.Take(2 * IRightsSource.MaxKeys))
        {
            _source.Unanswered[new RightsKey(client.Connection.UserId, 7, 1)] = true;
        }

        Assert.Equal(new RecheckResult(IRightsSource.MaxKeys, IRightsSource.MaxKeys, IsComplete: false), await RunAsync(default));
    }

    [Fact]
    public async Task RunAsync_InModeOpen_ChecksNothing()
    {
        using var gateway = new TestGateway();
        using var recheck = NewRecheck(gateway);
        await gateway.JoinAsync(7, 1);

        Assert.Equal(new RecheckResult(0, 0, IsComplete: true), await recheck.RunAsync(default, CancellationToken.None));
    }

    // The right to write has no membership; it is looked up by the next broadcast.
    [Fact]
    public async Task RunAsync_RightToWriteThatWasWithdrawn_HoldsForTheNextBroadcast()
    {
        var (client, other) = (await _gateway.JoinAsync(7, 1), await _gateway.JoinAsync(7, 1));
        await client.BroadcastAsync("one");
        _source.Masks[new RightsKey(1, 7, 1)] = 1;

        await RunAsync(new Target(7, 1, 0));
        await client.BroadcastAsync("two");
        await other.BroadcastAsync("three");

        Assert.Equal(["one", "three"], await other.Transport.TextsAsync(2));
    }

    // The look-up of a join is answered before the right is withdrawn; the join enters the room, or is refused, but never stays.
    [Fact]
    public async Task RunAsync_JoinsUnderWay_NeverStayWithoutTheRight()
    {
        for (var round = 0; round < 200; round++)
        {
            using var gateway = new TestGateway { RightsSource = _source };
            using var recheck = NewRecheck(gateway);
            _source.Default = 1;
            var (original, direct2) = (await gateway.EnterAsync(), await gateway.JoinDirect2Async());

            var joins = Task.WhenAll(
                Task.Run(() => original.JoinAsync(7, 1), TestContext.Current.CancellationToken),
                Task.Run(() => direct2.SendTextAsync("join 7,1"), TestContext.Current.CancellationToken));
            _source.Default = 0;
            var result = await recheck.RunAsync(new Target(7, 1, 0), CancellationToken.None);

            Assert.Equal(0, gateway.Signal(7, 1, 0, "secret"));
            await joins;
            Assert.Equal(0, gateway.Signal(7, 1, 0, "secret"));
            Assert.True(result.IsComplete);
        }
    }

    [Fact]
    public async Task ExecuteAsync_AtItsInterval_RemovesThoseWithoutTheRight()
    {
        var client = await _gateway.JoinAsync(7, 1);
        _gateway.RightsOptions.RecheckInterval = TimeSpan.FromSeconds(1); // shorter than the keep-alive of the client
        await _recheck.StartAsync(CancellationToken.None);
        _source.Default = 0;

        await Deadline.UntilAsync("the member is removed", () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(100)); // the recheck may not wait yet
            return client.Connection.CloseReason is not null;
        });
        Assert.Equal("not_allowed", client.Connection.CloseReason!.Label);
        Assert.Equal(1, _gateway.Meters.Sum("direct.gateway.rights.rechecks"));
    }

    [Fact]
    public async Task ExecuteAsync_RightThatIsKept_IsFreshInTheCache()
    {
        await _gateway.JoinAsync(7, 1);
        _source.Default = 1;

        await RunAsync(default);

        Assert.Equal(1, (await _gateway.Rights.FindAsync(new RightsKey(1, 7, 1))).Mask);
        Assert.Equal(2, _source.Queries.Count);
    }

    private static MembershipRecheck NewRecheck(TestGateway gateway)
    {
        _ = gateway.Hub;
        return new MembershipRecheck(
            gateway.Rights, gateway.Registry, gateway.Index, gateway.Metrics, Options.Create(gateway.RightsOptions), gateway.Clock, gateway.Logger.For<MembershipRecheck>());
    }

    private Task<RecheckResult> RunAsync(Target part) => _recheck.RunAsync(part, CancellationToken.None);
}
