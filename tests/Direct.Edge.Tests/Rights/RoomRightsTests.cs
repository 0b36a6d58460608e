using Direct.Edge.Diagnostics;
using Direct.Edge.Rights;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Rights;

public sealed class RoomRightsTests : IDisposable
{
    private static readonly RightsKey Key = new(42, 7, 1);

    private readonly FakeRightsSource _source = new() { Default = 3 };
    private readonly TestGateway _gateway;

    public RoomRightsTests()
    {
        _gateway = new TestGateway { RightsSource = _source };
        _ = _gateway.Hub;
    }

    private RoomRights Rights => _gateway.Rights;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task FindAsync_InModeOpen_AllowsEverythingAtOnce()
    {
        using var gateway = new TestGateway();
        _ = gateway.Hub;

        Assert.True(gateway.Rights.IsOpen);
        Assert.Equal(new RightsAnswer(true, 3), await gateway.Rights.FindAsync(Key));
        gateway.Rights.Discard(default);
        Assert.Equal(0, gateway.Rights.Generation);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(1, true, false)]
    [InlineData(2, false, true)]
    [InlineData(3, true, true)]
    [InlineData(4, false, false)]
    [InlineData(long.MaxValue, true, true)]
    [InlineData(long.MaxValue - 3, false, false)]
    public async Task FindAsync_AMask_HasItsBits(long mask, bool canRead, bool canWrite)
    {
        _source.Masks[Key] = mask;

        var answer = await Rights.FindAsync(Key);

        Assert.Equal((true, mask, canRead, canWrite), (answer.IsKnown, answer.Mask, answer.CanRead, answer.CanWrite));
    }

    [Fact]
    public async Task FindAsync_CachedAnswer_IsThereAtOnceUntilItsTimeIsOver()
    {
        await Rights.FindAsync(Key);
        _source.Masks[Key] = 1;

        var cached = Rights.FindAsync(Key);
        Assert.True(cached.IsCompletedSuccessfully);
        Assert.Equal(3, (await cached).Mask);
        _gateway.Clock.Advance(_gateway.RightsOptions.CacheFor);
        Assert.Equal(1, (await Rights.FindAsync(Key)).Mask);
        Assert.Equal(2, _source.Queries.Count);
    }

    [Fact]
    public async Task FindAsync_SourceThatIsDown_IsUnknownAndAskedAgain()
    {
        _source.IsDown = true;

        var answer = await Rights.FindAsync(Key);
        Assert.Equal((false, false, false), (answer.IsKnown, answer.CanRead, answer.CanWrite));

        _source.IsDown = false;
        Assert.Equal(3, (await Rights.FindAsync(Key)).Mask);
    }

    [Fact]
    public async Task FindAsync_ErrorOfTheSource_IsUnknownAndTheNextIsAnswered()
    {
        _source.IsShort = true;
        _gateway.Logger.ExpectsErrors = true;

        Assert.False((await Rights.FindAsync(Key)).IsKnown);
        Assert.Equal(EdgeEventIds.RightsLookupFailed, Assert.Single(_gateway.Logger.Entries).EventId);

        _source.IsShort = false;
        Assert.Equal(3, (await Rights.FindAsync(Key)).Mask);
    }

    [Fact]
    public async Task FindAsync_ManyAtOnce_AreFewQueries()
    {
        _source.Hold();
        var finding = Enumerable.Range(1, 1000).Select(user => Rights.FindAsync(new RightsKey(user, 7, 1)).AsTask()).ToArray();
        await _source.QueriesAsync(_gateway.RightsOptions.MaxQueries);

        _source.Release();
        await Task.WhenAll(finding);

        Assert.InRange(_source.Queries.Count, 10, 10 + _gateway.RightsOptions.MaxQueries);
        Assert.All(_source.Queries, keys => Assert.InRange(keys.Length, 1, IRightsSource.MaxKeys));
    }

    // A user who was refused may have been let in by the backend since.
    [Fact]
    public async Task FindForJoinAsync_CachedRefusal_IsLookedUpAgain()
    {
        _source.Masks[Key] = 2;
        Assert.False((await Rights.FindForJoinAsync(Key)).Answer.CanRead);
        _source.Masks[Key] = 1;

        Assert.True((await Rights.FindForJoinAsync(Key)).Answer.CanRead);
        Assert.True(Rights.FindForJoinAsync(Key).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task FindForJoinAsync_OfNoRoom_IsNotLookedUp()
    {
        _source.Default = 0;

        Assert.True((await Rights.FindForJoinAsync(new RightsKey(42, 0, 0))).Answer.CanRead);
        Assert.Empty(_source.Queries);
    }

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(7, 1, 42, true)]
    [InlineData(7, 0, 0, true)]
    [InlineData(0, 1, 0, true)]
    [InlineData(0, 0, 42, true)]
    [InlineData(7, 2, 0, false)]
    [InlineData(8, 1, 0, false)]
    [InlineData(7, 1, 43, false)]
    public async Task Discard_OfAPart_DropsTheAnswersThatItMatches(long group, long channel, long user, bool isDropped)
    {
        await Rights.FindAsync(Key);
        _source.Masks[Key] = 1;

        Rights.Discard(new Target(group, channel, user));

        Assert.Equal(isDropped ? 1 : 3, (await Rights.FindAsync(Key)).Mask);
    }

    // The source has read the right before the backend has withdrawn it, and answers afterwards.
    [Fact]
    public async Task Discard_WhileALookUpIsUnderWay_MakesItLookAgain()
    {
        _source.Hold();
        var (matching, other) = (Rights.FindAsync(Key).AsTask(), Rights.FindAsync(new RightsKey(42, 8, 1)).AsTask());
        await _source.QueriesAsync(1);
        await Deadline.UntilAsync("both queries", () => _source.Queries.Sum(keys => keys.Length) == 2);
        _source.Masks[Key] = 0;

        Rights.Discard(new Target(7, 1, 0));
        _source.Release();

        Assert.Equal((0, 3), ((await matching).Mask, (await other).Mask));
        Assert.Equal(2, _source.Queries.Count(keys => keys.Contains(Key)));
        Assert.Equal(0, (await Rights.FindAsync(Key)).Mask);
    }

    [Fact]
    public async Task Discard_AfterAJoinHasAskedForItsRight_MakesThePermitOutdated()
    {
        var permit = await Rights.FindForJoinAsync(Key);
        Assert.True(permit.IsCurrent);

        Rights.Discard(new Target(9, 9, 9));
        Assert.True(permit.IsCurrent);
        Rights.Discard(new Target(7, 1, 0));
        Rights.Discard(new Target(9, 9, 9));

        Assert.False(permit.IsCurrent);
        Assert.True((await Rights.FindForJoinAsync(Key)).IsCurrent);
    }

    // Only the last parts are known.
    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task Discard_OfManyOtherParts_MakesAPermitOutdatedOnlyWhenTheyAreNotKnownAnyMore(int discards, bool isCurrent)
    {
        var permit = await Rights.FindForJoinAsync(Key);

        for (var i = 0; i < discards; i++)
        {
            Rights.Discard(new Target(9, 9, 9));
        }

        Assert.Equal(isCurrent, permit.IsCurrent);
        Assert.Single(_source.Queries);
    }

    [Fact]
    public async Task Discard_OfOneRight_DropsItAndNoOther()
    {
        await Rights.FindFreshAsync([Key, Key with { Channel = 2 }], CancellationToken.None);
        _source.Default = 1;

        Rights.Discard(new Target(7, 1, 42));

        Assert.Equal(1, (await Rights.FindAsync(Key)).Mask);
        Assert.Equal(3, (await Rights.FindAsync(Key with { Channel = 2 })).Mask);
    }

    // The other look-up has read the right before it was given.
    [Fact]
    public async Task FindForJoinAsync_RefusalOfALookUpThatWasUnderWay_IsLookedUpAgain()
    {
        _source.Default = 0;
        _source.Hold();
        var first = Rights.FindForJoinAsync(Key).AsTask();
        await _source.QueriesAsync(1);
        _source.Default = 1;

        var second = Rights.FindForJoinAsync(Key).AsTask();
        _source.Release();

        Assert.Equal((false, true), ((await first).Answer.CanRead, (await second).Answer.CanRead));
    }

    [Fact]
    public async Task FindFreshAsync_KnownRights_AreAskedForAgainAndReplaceTheCachedOnes()
    {
        await Rights.FindAsync(Key);
        _source.Masks[Key] = 1;

        Assert.Equal([1], (await Rights.FindFreshAsync([Key], CancellationToken.None)).Select(answer => answer.Mask));

        Assert.Equal(1, (await Rights.FindAsync(Key)).Mask);
        Assert.Equal(2, _source.Queries.Count);
    }

    // Its answer may be from before the discard, and must not be used by others.
    [Fact]
    public async Task FindFreshAsync_DiscardMeanwhile_IsNotCached()
    {
        await Rights.FindAsync(Key);
        _source.Hold();
        var finding = Rights.FindFreshAsync([Key], CancellationToken.None).AsTask();
        await _source.QueriesAsync(2);
        _source.Masks[Key] = 0;

        Rights.Discard(new Target(9, 9, 9));
        _source.Release();
        await finding;

        Assert.Equal(0, (await Rights.FindAsync(Key)).Mask);
    }

    [Fact]
    public async Task FindFreshAsync_MoreKeysThanAQueryTakes_AreAnsweredInOrder()
    {
        RightsKey[] keys = [.. Enumerable.Range(1, 250).Select(user => new RightsKey(user, 7, 1))];
        foreach (var key in keys)
        {
            _source.Masks[key] = key.User;
        }

        var answers = await Rights.FindFreshAsync(keys, CancellationToken.None);

        Assert.Equal(keys.Select(key => key.User), answers.Select(answer => answer.Mask));
        Assert.Equal([100, 100, 50], _source.Queries.Select(query => query.Length));
    }
}
