using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Memory;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests the logs of a lane: which place a signal gets, who gets it, and how long it is remembered.</summary>
public sealed class LaneRouterKeepTests
{
    private static readonly TimeSpan AfterUnsubscribe = LaneRouter.KeepUnwantedFor + TimeSpan.FromSeconds(1);

    private readonly LaneRouterFixture _lane = new();

    [Fact]
    public async Task Publish_UnkeptTopic_HasNoStamps()
    {
        await _lane.PublishAsync(One(1));

        Assert.All(_lane.A.Sent, batch => Assert.Equal((null, null), (batch.Stamps, batch.Ballot)));
        Assert.False(_lane.Router.HasLog);
    }

    [Fact]
    public async Task Publish_KeptTopic_GoesToTheKeepersWithItsPosition()
    {
        await _lane.CompleteAsync(Room);
        var answer = _lane.SubscribeKept(Room, _lane.B, 1);
        Assert.Equal((KeptStatus.Kept, 0L, 1L), (answer.Status, answer.Head, answer.First));

        var receipts = (await _lane.PublishAsync(Of(Signal(Room, 2), Signal(Room, 3)))).Receipts;

        Assert.All(receipts, receipt => Assert.True(receipt.IsKept));
        Assert.Equal([new LogPosition(Epoch(answer), 1), new LogPosition(Epoch(answer), 2)], _lane.B.Sent[^1].Stamps!);
        Assert.Single(_lane.A.Sent); // it has answered that it does not want the topic
    }

    [Fact]
    public async Task Publish_BatchOfSeveralTopics_StampsThoseThatAreKept()
    {
        var users = new[] { User(1), User(1 + Lane.UserPartitions) };
        await _lane.PublishAsync(Of(Signal(users[0], 1), Signal(users[1], 2)));
        _lane.SubscribeKept(users[1], _lane.A, 1);
        _lane.A.Want(users[0], 1);
        await _lane.SubscribeAsync(users[0], _lane.A, 1);
        await _lane.SubscribeAsync(users[0], _lane.B, 1);

        var receipts = (await _lane.PublishAsync(Of(Signal(users[0], 3), Signal(users[1], 4)))).Receipts;

        Assert.Equal([0L, 1L], _lane.A.Sent[^1].Stamps!.Select(stamp => stamp.Offset));
        Assert.Equal([LogPosition.None], _lane.B.Sent[^1].Stamps!);
        Assert.Equal([false, true], receipts.Select(receipt => receipt.IsKept));
    }

    /// <summary>Row 1: a publish is accepted, its answer is lost, and it is repeated. With a second place it would be delivered twice.</summary>
    [Fact]
    public async Task Publish_ARepeatInTheSameActivation_HasTheFirstPlace()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(One(1));
        await _lane.PublishAsync(One(2));

        await _lane.PublishAsync(One(1) with { IsRepeat = true });
        await _lane.PublishAsync(One(2) with { IsRepeat = true });
        await _lane.PublishAsync(One(3));

        Assert.Equal([1L, 2L, 1L, 2L, 3L], Offsets(_lane.A));
        Assert.Equal([1L, 1L, 2L], Offsets(_lane.C)); // it does not want the topic, but a repeat goes to all
    }

    /// <summary>
    /// Tests a call that its publisher has given up, because the connection had ended, and that arrives after its repeat. With a second place it would be delivered twice.
    /// </summary>
    [Fact]
    public async Task Publish_AGivenUpCallAfterItsRepeat_HasTheFirstPlace()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(One(1) with { IsRepeat = true });
        await _lane.PublishAsync(One(2));

        await _lane.PublishAsync(One(1));

        Assert.Equal([1L, 2L, 1L], Offsets(_lane.A));
    }

    /// <summary>Tests the same after the repeat was acknowledged and forgotten: the message has no place, so members of direct.2 do not get it again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publish_AGivenUpCallAfterItsRepeatWasAcknowledged_HasNoPlace(bool isRepeat)
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(One(1) with { IsRepeat = true });
        await _lane.PublishAsync(One(2) with { AcknowledgedThrough = 1 });
        _lane.Router.Sweep();

        await _lane.PublishAsync(One(1) with { IsRepeat = isRepeat });
        await _lane.PublishAsync(One(3) with { AcknowledgedThrough = 2 });

        Assert.Equal([1L, 2L, 0L, 3L], Offsets(_lane.A));
    }

    /// <summary>Tests such a call at the next activation of the lane, which has its log from a gateway. As a new message it would reach members of direct.2 twice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publish_AGivenUpCallAfterItsRepeatWasAcknowledgedElsewhere_HasNoPlace(bool isRepeat)
    {
        var acknowledged = new KeptHeader(IdentityLedger.NoOffset, new MessageOrigin(One(1).Publisher, 1, Guid.Empty));
        var known = new KeptHeader(2, new MessageOrigin(One(1).Publisher, 2, Guid.Empty));
        _lane.Router.Restore(new RecoveredLane(
            new Ballot(1, Guid.NewGuid()), [new RecoveredTopic(Room, EpochTable.Empty.Open(6), 2, [acknowledged, known], [], [(_lane.A.Id, 1)], First: 3)]));

        await _lane.PublishAsync(One(1) with { IsRepeat = isRepeat });
        await _lane.PublishAsync(One(2) with { IsRepeat = true });
        await _lane.PublishAsync(One(3));

        Assert.Equal([0L, 2L, 3L], Offsets(_lane.A));
        Assert.Equal(acknowledged, _lane.SubscribeKept(Room, _lane.B, 1).Headers[0]);
    }

    /// <summary>Row 7: a subscription reaches an activation that is closed. If it was accepted, it would be forgotten.</summary>
    [Fact]
    public void SubscribeKept_ClosedOrFencedOrShortOfMemory_IsNotReady()
    {
        _lane.Gateways.IsFenced = true;
        Assert.Equal(KeptStatus.NotReady, _lane.SubscribeKept(Room, _lane.A, 1).Status);
        _lane.Gateways.IsFenced = false;
        _lane.Memory.Pressure = MemoryPressure.High;
        Assert.Equal(KeptStatus.NotReady, _lane.SubscribeKept(Room, _lane.A, 1).Status);
        _lane.Memory.Pressure = MemoryPressure.None;
        Assert.Equal(KeptStatus.Kept, _lane.SubscribeKept(Room, _lane.A, 1).Status);

        _lane.Router.Close();

        Assert.Equal(KeptStatus.NotReady, _lane.SubscribeKept(Room, _lane.A, 2).Status);
        Assert.Equal(TailStatus.NotReady, Fetch(0).Status);
    }

    [Fact]
    public void SubscribeKept_Lobby_IsNotReady() =>
        Assert.Equal(KeptStatus.NotReady, _lane.SubscribeKept(new TopicKey(TopicScope.Lobby, 0, 0), _lane.A, 1).Status);

    [Fact]
    public async Task SubscribeKept_AllConnections_StampsWhatGoesToEverybody()
    {
        var all = new TopicKey(TopicScope.All, 0, 0);
        _lane.SubscribeKept(all, _lane.A, 1);

        await _lane.PublishAsync(Of(Signal(all, 1)));

        Assert.Equal([1L], Offsets(_lane.A));
        Assert.Equal([1L], Offsets(_lane.B));
    }

    [Fact]
    public async Task SubscribeKept_LateCall_ChangesNothing()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.UnsubscribeAsync(Room, _lane.A, 3);

        Assert.Equal(KeptStatus.NotReady, _lane.Router.SubscribeKept(Room, _lane.A.Id, 2).Status);
    }

    /// <summary>Row 9: a log ends and another begins in the same activation. With the same epoch an old position would cover other messages.</summary>
    [Fact]
    public async Task SubscribeKept_AfterTheLogHasEnded_StartsAnother()
    {
        var first = _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(One(1));
        _lane.A.Unwant(Room, 2);
        await _lane.UnsubscribeAsync(Room, _lane.A, 2);
        await AfterAsync(AfterUnsubscribe);
        Assert.False(_lane.Router.HasRecords);
        Assert.Equal((0.0, 0.0), Kept());

        var second = _lane.SubscribeKept(Room, _lane.A, 3);

        Assert.NotEqual(Epoch(first), Epoch(second));
        Assert.Equal((0L, 1L), (second.Head, second.First));
        Assert.Empty(second.Headers);
    }

    /// <summary>
    /// Row 38: gateway b was left out of the recovery, and has fetched the log; its subscription is late, so the log ends when a unsubscribes. What follows must say that to b.
    /// </summary>
    [Fact]
    public async Task Publish_AfterALogHasEnded_SaysHowManyHaveEnded()
    {
        var ballot = new Ballot(1, Guid.NewGuid());
        _lane.Router.Restore(new RecoveredLane(ballot, [new RecoveredTopic(Room, EpochTable.Empty.Open(6), 7, [], [], [(_lane.A.Id, 1)], First: 8)]));
        await _lane.PublishAsync(One(1));
        _lane.A.Unwant(Room, 2);
        await _lane.UnsubscribeAsync(Room, _lane.A, 2);
        await AfterAsync(TestLogs.Window + TimeSpan.FromSeconds(1));

        await _lane.PublishAsync(One(2));

        Assert.Equal([(ballot, true, 0), (ballot, false, 1)], _lane.B.Sent.Select(batch => (batch.Ballot!, batch.Stamps is not null, batch.EndedLogs)));
        Assert.Equal(1, _lane.SubscribeKept(Room, _lane.B, 1).EndedLogs);
    }

    [Fact]
    public async Task SubscribeKept_SoonAfterTheLastKeeperHasGone_ContinuesTheLog()
    {
        var first = _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.UnsubscribeAsync(Room, _lane.A, 2);
        await _lane.PublishAsync(One(1));
        await AfterAsync(LaneRouter.KeepUnwantedFor);

        var second = _lane.SubscribeKept(Room, _lane.B, 1);

        Assert.Equal((Epoch(first), 1L, 1L), (Epoch(second), second.Head, second.First));
        await AfterAsync(TimeSpan.FromMinutes(10));
        Assert.True(_lane.Router.HasRecords);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Subscribe_WithoutKeep_EndsKeepingAndAnAnswerDoesNot(bool isAnswer, bool isEnded)
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        _lane.A.Want(Room, 2); // it subscribes again
        if (isAnswer)
        {
            await _lane.PublishAsync(One(1));
        }
        else
        {
            await _lane.SubscribeAsync(Room, _lane.A, 2);
        }

        await AfterAsync(AfterUnsubscribe);

        Assert.Equal(!isEnded, _lane.Router.HasRecords);
    }

    [Fact]
    public async Task Sweep_LeaseOfTheLastKeeperHasEnded_KeepsTheLogForAWindow()
    {
        var first = _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(One(1));
        _lane.Gateways.All.Remove(_lane.A);
        await _lane.SweepAsync();
        await AfterAsync(TestLogs.Window);
        Assert.True(_lane.Router.HasRecords);
        Assert.False(_lane.Router.IsEmpty);

        await AfterAsync(TimeSpan.FromSeconds(1));

        Assert.False(_lane.Router.HasRecords);
        Assert.NotEqual(Epoch(first), Epoch(_lane.SubscribeKept(Room, _lane.B, 1)));
    }

    /// <summary>Row 12: an id is repeated through another gateway, before and after its payload has gone, and after the silo was killed.</summary>
    [Fact]
    public async Task Publish_AKnownIdThroughAnotherGateway_HasTheFirstPlace()
    {
        var answer = _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")));
        await _lane.PublishAsync(Of(Signal(Room, 2, "y")));

        await _lane.PublishAsync(Elsewhere(Signal(Room, 1, "x")));
        Assert.Equal([1L, 2L, 1L], Offsets(_lane.A));

        await AfterAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(TailStatus.Evicted, Fetch(0).Status);
        await _lane.PublishAsync(Elsewhere(Signal(Room, 2, "x")));
        Assert.Equal(1, Offsets(_lane.A)[^1]);

        var next = new LaneRouterFixture();
        var table = EpochTable.Empty.Open(Epoch(answer)).CloseAt(2, 0).Open(7);
        var headers = _lane.SubscribeKept(Room, _lane.B, 1).Headers;
        next.Router.Restore(new RecoveredLane(new Ballot(1, Guid.NewGuid()), [new RecoveredTopic(Room, table, 2, headers, [], [(next.A.Id, 1)], First: 3)]));
        await next.PublishAsync(Elsewhere(Signal(Room, 3, "x")));
        await next.PublishAsync(Elsewhere(Signal(Room, 4, "z")));
        Assert.Equal([new LogPosition(7, 1), new LogPosition(7, 3)], next.A.Sent.Select(batch => batch.Stamps![0]));
    }

    [Fact]
    public async Task Publish_AnIdAfterItsWindow_HasANewPlace()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")));

        _lane.Time.Advance(_lane.Gateways.RemembersIdsFor!.Value);
        await _lane.PublishAsync(Elsewhere(Signal(Room, 1, "x")));
        _lane.Time.Advance(TimeSpan.FromSeconds(1)); // no sweep comes meanwhile
        await _lane.PublishAsync(Of(Signal(Room, 2, "x")));

        Assert.Equal([1L, 1L, 2L], Offsets(_lane.A));
    }

    /// <summary>
    /// Row 43: an id that a lane has recovered is forgotten when gateways forget it. If it was remembered for longer, another message with it would reach members of the original dialect only.
    /// </summary>
    [Fact]
    public async Task Publish_ARecoveredIdAfterItsWindow_HasANewPlace()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")));
        _lane.Time.Advance(_lane.Gateways.RemembersIdsFor!.Value - TimeSpan.FromSeconds(10));
        var answer = _lane.SubscribeKept(Room, _lane.B, 1);

        var next = new LaneRouterFixture();
        var table = EpochTable.Empty.Open(Epoch(answer)).CloseAt(1, 0).Open(7);
        next.Router.Restore(new RecoveredLane(new Ballot(1, Guid.NewGuid()), [new RecoveredTopic(Room, table, 1, answer.Headers, [], [(next.A.Id, 1)], First: 2)]));
        next.Time.Advance(TimeSpan.FromSeconds(10));
        await next.PublishAsync(Elsewhere(Signal(Room, 1, "x")));
        next.Time.Advance(TimeSpan.FromSeconds(1));
        await next.PublishAsync(Of(Signal(Room, 2, "x")));

        Assert.Equal([1L, 2L], Offsets(next.A));
    }

    /// <summary>Row 42: a gateway that begins to keep the topic now must know that messages of the former log may still be on their way to it.</summary>
    [Fact]
    public async Task Publish_MoreIdsThanAreRemembered_EndsTheLog()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of([.. Enumerable.Range(1, IdentityLedger.MaxIds).Select(static number => Signal(Room, number, $"{number}"))]));
        await _lane.PublishAsync(Of(Signal(Room, IdentityLedger.MaxIds + 1, "one more")));

        Assert.Equal([0, 1], _lane.A.Sent.Select(static batch => batch.EndedLogs));
        Assert.NotEqual(_lane.A.Sent[0].Stamps![0].Epoch, _lane.A.Sent[1].Stamps![0].Epoch);
        Assert.Equal(1, _lane.SubscribeKept(Room, _lane.B, 1).EndedLogs);
    }

    /// <summary>Row 13: an id is repeated after 503. If the first entry was void, the repeat would be accepted and never replayed.</summary>
    [Fact]
    public async Task Publish_RepeatOfAnIdThatHadNoSpace_IsNotVoid()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        _lane.A.Status = DeliveryStatus.IdsExhausted;
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")));
        _lane.A.Status = DeliveryStatus.Delivered;

        await _lane.PublishAsync(Of(Signal(Room, 2, "x")));

        Assert.Equal([1L, 1L], Offsets(_lane.A));
        Assert.False(Assert.Single(Fetch(0).Messages).IsVoid);
    }

    /// <summary>Row 32: a new keeper starts at a head that a slower one has not reached, and the silo is killed. Then the new one must have what was between.</summary>
    [Fact]
    public async Task SubscribeKept_WhileAnotherKeeperLags_HasWhatItMayLack()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        _lane.A.AnswersAtOnce = false;
        _ = _lane.StartPublish(Of(Signal(Room, 1), Signal(Room, 2, "x")));
        await Deadline.UntilAsync("the batch", () => _lane.A.Sent.Count == 1);

        await AfterAsync(TimeSpan.FromSeconds(24));
        var answer = _lane.SubscribeKept(Room, _lane.B, 1);

        Assert.Equal([1L, 2L], answer.Recent.Select(message => message.Offset));
        Assert.Equal([(1L, Publisher, 1L), (2L, Publisher, 2L)], answer.Headers.Select(header => (header.Offset, header.Origin.Publisher, header.Origin.Sequence)));
        Assert.Equal(answer.Headers.Select(header => header.Origin), answer.Recent.Select(message => message.Origin));
        Assert.NotEqual(Guid.Empty, answer.Recent[1].Origin.IdHash);

        await AfterAsync(TimeSpan.FromSeconds(51));
        answer = _lane.SubscribeKept(Room, _lane.C, 1);
        Assert.Empty(answer.Recent); // older than any lease: every gateway has acknowledged them
        Assert.Equal((2L, 1L), (answer.Head, answer.First));
    }

    /// <summary>Row 36: an id is reused with another text and refused, and is accepted later. Neither entry may be void then.</summary>
    [Fact]
    public async Task Publish_AnIdWithAnotherText_IsVoidOnlyWhereItWasRefused()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of(Signal(Room, 1, "x", bytes: 1)));
        _lane.A.Status = DeliveryStatus.IdReused;
        await _lane.PublishAsync(Of(Signal(Room, 2, "x", bytes: 2)));
        Assert.Equal([false, true], Fetch(0).Messages.Select(message => message.IsVoid));

        _lane.A.Status = DeliveryStatus.Delivered;
        await _lane.PublishAsync(Of(Signal(Room, 3, "x", bytes: 2)));
        _lane.A.Status = DeliveryStatus.IdReused; // now the id belongs to the other text
        await _lane.PublishAsync(Of(Signal(Room, 4, "x", bytes: 1)));
        await _lane.PublishAsync(Of(Signal(Room, 4, "x", bytes: 1)) with { IsRepeat = true });

        Assert.Equal([1L, 2L, 3L, 1L, 1L], Offsets(_lane.A));
        Assert.Equal([(1, false), (0, true), (2, false)], Fetch(0).Messages.Select(message => (message.Payload.Length, message.IsVoid)));
    }

    /// <summary>Row 36 with a repeat between the refusal and the use of the id that is accepted. With the place of the refused one it would be void.</summary>
    [Fact]
    public async Task Publish_ARepeatOfARefusal_DoesNotRememberTheId()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        _lane.A.Status = DeliveryStatus.IdReused;
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")));
        await _lane.PublishAsync(Of(Signal(Room, 1, "x")) with { IsRepeat = true });

        _lane.A.Status = DeliveryStatus.Delivered;
        await _lane.PublishAsync(Of(Signal(Room, 2, "x")));

        Assert.Equal([1L, 1L, 2L], Offsets(_lane.A));
        Assert.Equal([true, false], Fetch(0).Messages.Select(message => message.IsVoid));
    }

    [Fact]
    public async Task Fetch_MoreThanAPage_ComesInPagesFromEitherEnd()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        for (var i = 1; i <= 6; i++)
        {
            await _lane.PublishAsync(One(i, (FetchRequest.PageBytes / 2) - TopicRing.EntryBytes));
        }

        Assert.Equal((TailStatus.Page, 3L, true), (Fetch(2).Status, Fetch(2).Messages[0].Offset, Fetch(2).HasMore));
        Assert.Equal([3L, 4L], Fetch(2).Messages.Select(message => message.Offset));
        Assert.False(Fetch(4).HasMore);
        var newest = Fetch(0, through: 5, isNewestFirst: true);
        Assert.Equal([4L, 5L], newest.Messages.Select(message => message.Offset));
        Assert.Equal((true, 6L), (newest.HasMore, newest.Head));
        Assert.Empty(Fetch(6).Messages);
        Assert.Equal(TailStatus.NotReady, _lane.Router.Fetch(new FetchRequest(User(1), 0, FetchRequest.ToHead, false, null)).Status);
        Assert.Equal(TailStatus.NotReady, _lane.Router.Fetch(new FetchRequest(Room, 0, FetchRequest.ToHead, false, new Ballot(1, Guid.Empty))).Status);
    }

    /// <summary>Tests small messages. What an entry takes besides its text counts for the page too; otherwise one page would have a quarter of a million of them.</summary>
    [Fact]
    public async Task Fetch_ManySmallMessages_ComeInPages()
    {
        const int PerPage = FetchRequest.PageBytes / (TopicRing.EntryBytes + 1);
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of([.. Enumerable.Range(1, PerPage + 1).Select(static sequence => Signal(Room, sequence))]));

        Assert.Equal((PerPage, true), (Fetch(0).Messages.Length, Fetch(0).HasMore));
    }

    [Fact]
    public async Task SubscribeKept_ManyIds_HasThemInPages()
    {
        const int PerPage = FetchRequest.PageBytes / KeptHeader.Bytes;
        _lane.SubscribeKept(Room, _lane.A, 1);
        await _lane.PublishAsync(Of([.. Enumerable.Range(1, PerPage + 1).Select(static sequence => Signal(Room, sequence, $"{sequence}"))]));

        var answer = _lane.SubscribeKept(Room, _lane.B, 1);
        Assert.Equal((PerPage, (long)PerPage), (answer.Headers.Count, answer.MoreHeadersAfter));
        await _lane.PublishAsync(One(PerPage + 2));
        var rest = FetchHeaders(PerPage, answer.Head);

        Assert.Equal((Epoch(answer), 0L), (rest.Epoch, rest.MoreHeadersAfter));
        Assert.Equal(PerPage + 1, Assert.Single(rest.Headers).Offset);
        Assert.Same(HeaderPage.NotReady, _lane.Router.FetchHeaders(new FetchRequest(User(1), 0, 1, false, null)));
        Assert.Same(HeaderPage.NotReady, FetchHeaders(0, 1, new Ballot(1, Guid.Empty)));
        _lane.Router.Close();
        Assert.Same(HeaderPage.NotReady, FetchHeaders(0, 1));
    }

    [Fact]
    public async Task SubscribeKept_MoreRecentMessagesThanAnAnswerTakes_HasTheNewest()
    {
        var metrics = new GrainMetrics(_lane.Meters);
        var router = new LaneRouter(
            _lane.Gateways, _lane.Memory, metrics, TestLogs.Create(metrics, _lane.Gateways, _lane.Time, bytesPerTopic: 4 * KeptAnswer.MaxRecentBytes), _lane.Time);
        router.SubscribeKept(Room, _lane.A.Id, 1);
        for (var i = 1; i <= 3; i++)
        {
            await router.PublishAsync(One(i, (KeptAnswer.MaxRecentBytes / 2) - TopicRing.EntryBytes), default);
        }

        var answer = router.SubscribeKept(Room, _lane.B.Id, 1);

        Assert.Equal((3L, 1L), (answer.Head, answer.First));
        Assert.Equal([2L, 3L], answer.Recent.Select(static message => message.Offset));
    }

    [Fact]
    public async Task Publish_MoreThanATopicMayKeep_EvictsTheOldest()
    {
        _lane.SubscribeKept(Room, _lane.A, 1);
        for (var i = 1; i <= 10; i++)
        {
            await _lane.PublishAsync(One(i, TestLogs.BytesPerTopic / 4));
        }

        var answer = _lane.SubscribeKept(Room, _lane.B, 1);

        Assert.Equal((10L, 8L), (answer.Head, answer.First));
        Assert.Equal((TailStatus.Evicted, 8L), (Fetch(6).Status, Fetch(6).First));
        Assert.Equal(TailStatus.Page, Fetch(7).Status);
        Assert.InRange(Kept().Bytes, TestLogs.BytesPerTopic / 2, TestLogs.BytesPerTopic + 2_000);
        _lane.Router.Close();
        Assert.Equal((0.0, 0.0), Kept());
    }

    [Fact]
    public async Task Restore_WithoutTopics_SendsTheBallotWithEachBatch()
    {
        var ballot = new Ballot(3, Guid.NewGuid());
        _lane.Router.Restore(new RecoveredLane(ballot, []));

        await _lane.PublishAsync(One(1));

        Assert.Equal((null, ballot), (_lane.A.Sent[^1].Stamps, _lane.A.Sent[^1].Ballot));
        Assert.Equal(ballot, _lane.SubscribeKept(Room, _lane.A, 1).Ballot);
        Assert.Throws<InvalidOperationException>(() => _lane.Router.Restore(new RecoveredLane(ballot, [])));
    }

    [Fact]
    public async Task Restore_ALog_ContinuesItAndTakesOlderMessages()
    {
        var table = EpochTable.Empty.Open(5).CloseAt(7, 0).Open(6);
        var topic = new RecoveredTopic(Room, table, 7, [new KeptHeader(7, new MessageOrigin(Publisher, 9, default))], [Message(6), Message(7)], [(_lane.B.Id, 4)], First: 1);
        _lane.Router.Restore(new RecoveredLane(new Ballot(1, Guid.NewGuid()), [topic]));

        await _lane.PublishAsync(One(9) with { IsRepeat = true });
        await _lane.PublishAsync(One(10));
        Assert.Equal([7L, 8L], Offsets(_lane.B));
        Assert.Equal(3, _lane.Router.Refill(Room, 6, [Message(4), Message(5)]));
        Assert.Equal(0, _lane.Router.Refill(Room, 6, [Message(1)])); // a hole
        Assert.Equal(0, _lane.Router.Refill(Room, 5, [Message(3)])); // of another log
        Assert.Equal(0, _lane.Router.Refill(Room, 6, [Message(1), Message(2), Message(3)]));

        Assert.Equal(Enumerable.Range(1, 8).Select(offset => (long)offset), Fetch(0).Messages.Select(message => message.Offset));
        Assert.Equal([5L, 6L], Fetch(0).Marks.Select(mark => mark.Epoch));
        await _lane.UnsubscribeAsync(Room, _lane.B, 3); // older than the number that the keeper had
        await AfterAsync(TimeSpan.FromMinutes(5));
        Assert.True(_lane.Router.HasRecords);
        Assert.Equal([6L], Fetch(8).Marks.Select(mark => mark.Epoch)); // the other one ended long ago
    }

    // Regression test: a gateway that subscribed before the older messages were here took them for dropped, and told its clients of a gap.
    [Fact]
    public void SubscribeKept_WhileOlderMessagesFollow_SaysThatTheyAreKept()
    {
        var topic = new RecoveredTopic(Room, EpochTable.Empty.Open(6), 7, [], [Message(7)], [(_lane.B.Id, 4)], First: 4);
        _lane.Router.Restore(new RecoveredLane(new Ballot(1, Guid.NewGuid()), [topic]));

        Assert.Equal(4, _lane.SubscribeKept(Room, _lane.A, 1).First);
        Assert.Equal((TailStatus.NotReady, TailStatus.Page), (Fetch(5).Status, Fetch(6).Status));

        Assert.Equal(4, _lane.Router.Refill(Room, 6, [Message(5), Message(6)]));
        Assert.Equal((4, TailStatus.NotReady), (_lane.SubscribeKept(Room, _lane.A, 2).First, Fetch(3).Status));

        Assert.Equal(0, _lane.Router.Refill(Room, 6, [])); // the gateway has dropped the other one meanwhile
        Assert.Equal((5, TailStatus.Evicted), (_lane.SubscribeKept(Room, _lane.A, 3).First, Fetch(3).Status));
        Assert.Equal([5L, 6L, 7L], Fetch(4).Messages.Select(message => message.Offset));
    }

    private static KeptMessage Message(long offset) => new(offset, default, 0, 0, [1], false);

    private static SignalBatch Elsewhere(SignalEnvelope signal) => Of(signal) with { Publisher = new Guid(7, 0, 0, new byte[8]) };

    private static long Epoch(KeptAnswer answer) => answer.Marks[^1].Epoch;

    private static long[] Offsets(FakeLink link) => [.. link.Sent.SelectMany(batch => batch.Stamps!).Select(stamp => stamp.Offset)];

    private (double Topics, double Bytes) Kept() => (_lane.Meters.Sum("direct.silo.kept.topics"), _lane.Meters.Sum("direct.silo.kept.bytes"));

    private TailPage Fetch(long after, long through = FetchRequest.ToHead, bool isNewestFirst = false) =>
        _lane.Router.Fetch(new FetchRequest(Room, after, through, isNewestFirst, null));

    private HeaderPage FetchHeaders(long after, long through, Ballot? ballot = null) =>
        _lane.Router.FetchHeaders(new FetchRequest(Room, after, through, IsNewestFirst: false, ballot));

    private Task AfterAsync(TimeSpan time)
    {
        _lane.Time.Advance(time);
        return _lane.SweepAsync();
    }
}
