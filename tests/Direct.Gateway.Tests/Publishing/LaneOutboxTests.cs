using Direct.Edge.Backplane;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Publishing;

public sealed class LaneOutboxTests
{
    private static readonly Receipt One = new(ReceiptStatus.Delivered, 1, 1);
    private static readonly Receipt NotAccepted = new(ReceiptStatus.NotAccepted, 0, 0);

    private readonly LaneOutboxFixture _lane = new();

    [Fact]
    public async Task Enqueue_Idle_IsPublishedAsItWas()
    {
        _lane.Send("grüße");

        var signal = Assert.Single((await _lane.Grain.PublishAsync(1)).Batch.Signals);

        Assert.Equal("grüße"u8, signal.Payload);
        Assert.Equal((new TopicKey(TopicScope.Room, 5, 7), 5, 7, 0, null), (signal.Topic, signal.Group, signal.Channel, signal.User, signal.SignalId));
    }

    [Fact]
    public async Task Enqueue_CallUnderWay_WaitsAndGoesWithTheRestInOrder()
    {
        _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        _lane.Send("2");
        _lane.Send("3");
        Assert.Single(_lane.Grain.Publishes);

        first.Accept();
        var second = await _lane.Grain.PublishAsync(2);

        Assert.Equal(["2", "3"], Texts(second.Batch));
        Assert.Equal(2, _lane.Grain.Publishes.Count);
    }

    // In every case the memory of a signal is released exactly once.
    [Theory]
    [InlineData("acknowledged")]
    [InlineData("set aside")]
    [InlineData("given up")]
    public async Task Held_EverySignal_CountsUntilItIsGone(string end)
    {
        var receipt = _lane.Send(new string('x', 1000));
        Assert.InRange(_lane.Queues.Lanes.Bytes, 1000, 2000);
        var publish = await _lane.Grain.PublishAsync(1);

        switch (end)
        {
            case "acknowledged":
                publish.Accept(3);
                break;
            case "set aside":
                publish.AcceptWithUnresponsive("g2");
                await LaneOutboxFixture.AcceptedAsync(receipt);
                Assert.InRange(_lane.Queues.Lanes.Bytes, 1000, 2000);
                (await _lane.Grain.CollectAsync(1)).Answer();
                break;
            default:
                receipt.TryGiveUp();
                publish.Fail();
                await _lane.RetryAsync();
                break;
        }

        await _lane.RetiredAsync();
        Assert.Equal(0, _lane.Queues.Lanes.Bytes);
    }

    [Fact]
    public async Task Publish_ReceiptsAreMissing_NextBatchGoesAllTheSame()
    {
        var receipt = _lane.Send("1");
        (await _lane.Grain.PublishAsync(1)).Accept("g2", "g3");
        _lane.Send("2");

        await _lane.Grain.PublishAsync(2);

        Assert.False(receipt.Completion.IsCompleted);
        Assert.Equal(One, receipt.SoFar(out var pending));
        Assert.Equal(["g2", "g3"], pending);
    }

    [Fact]
    public async Task Collect_StillMissing_AsksAgain()
    {
        var receipt = _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept("g2", "g3");
        (await _lane.Grain.CollectAsync(1)).Answer("g3");
        await _lane.RetryAsync();
        receipt.SoFar(out var pending);
        Assert.Equal(["g3"], pending);

        (await _lane.Grain.CollectAsync(2)).Answer();

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
    }

    [Fact]
    public async Task Collect_Fails_AsksAgain()
    {
        var receipt = _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        (await _lane.Grain.CollectAsync(1)).Fail();
        await _lane.RetryAsync();
        (await _lane.Grain.CollectAsync(2)).NotReady();
        await _lane.RetryAsync();

        (await _lane.Grain.CollectAsync(3)).Answer();

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Publish_FailsOrNotReady_SameBatchGoesAgainBeforeAnythingElse(bool fails)
    {
        var receipt = _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        _lane.Send("2");
        if (fails)
        {
            first.Fail();
        }
        else
        {
            first.NotReady();
        }

        await _lane.RetryAsync();
        var second = await _lane.Grain.PublishAsync(2);
        second.Accept();
        await _lane.Grain.PublishAsync(3);

        Assert.Equal(first.Batch.Signals, second.Batch.Signals);
        Assert.Equal([false, true, false], _lane.Grain.Publishes.Select(call => call.Batch.IsRepeat));
        Assert.Equal(["2"], Texts(_lane.Grain.Publishes[2].Batch));
        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
    }

    /// <summary>
    /// Regression test: a response with fewer receipts than signals ended the pump in the middle of a batch, and nothing was sent through the lane
    /// again. The lane here returns such responses.
    /// </summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public async Task Publish_AnswerDoesNotFit_CountsAsAFailedTry(int receipts, bool hasPending)
    {
        _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        var later = new[] { _lane.Send("2"), _lane.Send("3") };
        first.Accept();
        var second = await _lane.Grain.PublishAsync(2);

        second.Malformed(receipts, hasPending);
        await _lane.RetryAsync();
        var again = await _lane.Grain.PublishAsync(3);
        Assert.All(later, receipt => Assert.False(receipt.Accepted.IsCompleted));
        again.Accept();

        Assert.Equal(second.Batch.Signals, again.Batch.Signals);
        Assert.All(await Task.WhenAll(later.Select(LaneOutboxFixture.EndAsync)), receipt => Assert.Equal(One, receipt));
        Assert.Contains("Room/5/7", Assert.Single(_lane.Log.Entries, entry => entry.StartsWith("Error", StringComparison.Ordinal)), StringComparison.Ordinal);
        await _lane.RetiredAsync();
    }

    [Fact]
    public async Task Collect_AnswerDoesNotFit_AsksAgain()
    {
        var receipt = _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        (await _lane.Grain.CollectAsync(1)).Malformed(receipts: 0);
        await _lane.RetryAsync();
        (await _lane.Grain.CollectAsync(2)).Malformed(receipts: 2);
        await _lane.RetryAsync();
        receipt.SoFar(out var pending);
        Assert.Equal((false, "g2"), (receipt.Completion.IsCompleted, Assert.Single(pending)));

        (await _lane.Grain.CollectAsync(3)).Answer();

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
        Assert.Single(_lane.Log.Entries, entry => entry.StartsWith("Error", StringComparison.Ordinal));
        await _lane.RetiredAsync();
    }

    /// <summary>
    /// Regression test: after an unexpected exception the task of the pump was dropped, and the lane stopped. An exception is thrown here inside the
    /// pump.
    /// </summary>
    [Fact]
    public async Task Publish_UnexpectedError_LaneGoesOn()
    {
        var errors = 0;
        _lane.OldestSequence = () => Interlocked.Increment(ref errors) == 1 ? throw new InvalidOperationException("as the test says") : 0;
        _lane.Time.Advance(TimeSpan.FromSeconds(1)); // the oldest sequence of all lanes is computed once a second
        var receipt = _lane.Send();

        await _lane.RetryAsync();
        (await _lane.Grain.PublishAsync(1)).Accept();

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
        Assert.Contains("An error in lane", Assert.Single(_lane.Log.Entries), StringComparison.Ordinal);
        await _lane.RetiredAsync();
    }

    [Fact]
    public async Task Collect_UnexpectedError_AsksAgain()
    {
        _lane.Log.OnEntry = static entry =>
        {
            if (entry.StartsWith("Debug", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("as the test says");
            }
        };
        var receipt = _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        (await _lane.Grain.CollectAsync(1)).Fail();
        await _lane.RetryAsync();

        (await _lane.Grain.CollectAsync(2)).Answer();

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
        await _lane.RetiredAsync();
    }

    [Fact]
    public async Task Publish_NothingUnacknowledged_ExpectsNoEpoch()
    {
        _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        _lane.Send("2");
        first.Accept();

        var second = await _lane.Grain.PublishAsync(2);

        Assert.Equal((Guid.Empty, Guid.Empty), (first.ExpectedEpoch, second.ExpectedEpoch));
    }

    [Fact]
    public async Task Publish_SomethingUnacknowledged_ExpectsItsEpoch()
    {
        _lane.Send("1");
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        _lane.Send("2");

        Assert.Equal(_lane.Grain.Epoch, (await _lane.Grain.PublishAsync(2)).ExpectedEpoch);
    }

    [Fact]
    public async Task Publish_OtherEpoch_EverythingUnacknowledgedGoesAgainOldestFirst()
    {
        await AcceptAsync(1, "1", "g2");
        await AcceptAsync(2, "2", "g2");
        _lane.Send("3");
        var third = await _lane.Grain.PublishAsync(3);
        _lane.Grain.Epoch = Guid.NewGuid();
        third.OtherEpoch();

        var again = await _lane.Grain.PublishAsync(4);
        again.Accept("g2");
        (await _lane.Grain.PublishAsync(5)).Accept("g2");
        await _lane.Grain.PublishAsync(6);

        Assert.Equal(["1", "2", "3"], _lane.Grain.Publishes.Skip(3).SelectMany(call => Texts(call.Batch)));
        Assert.Equal(_lane.Grain.Publishes.Take(3).SelectMany(call => call.Sequences), _lane.Grain.Publishes.Skip(3).SelectMany(call => call.Sequences));
        Assert.Equal(Guid.Empty, again.ExpectedEpoch);
        Assert.Equal(_lane.Grain.Epoch, _lane.Grain.Publishes[4].ExpectedEpoch);
        Assert.Equal([false, false, false, true, true, true], _lane.Grain.Publishes.Select(call => call.Batch.IsRepeat));
    }

    [Fact]
    public async Task Collect_OtherEpoch_EverythingUnacknowledgedGoesAgainOldestFirst()
    {
        await AcceptAsync(1, "1", "g2");
        await AcceptAsync(2, "2", "g2");

        (await _lane.Grain.CollectAsync(1)).OtherEpoch();
        (await _lane.Grain.PublishAsync(3)).Accept();
        (await _lane.Grain.PublishAsync(4)).Accept();

        Assert.Equal(["1", "2"], _lane.Grain.Publishes.Skip(2).SelectMany(call => Texts(call.Batch)));
        await _lane.RetiredAsync();
    }

    /// <summary>
    /// Tests a batch that is accepted after the one before it was lost with its epoch. The acceptance must be ignored, because the two would
    /// otherwise change places.
    /// </summary>
    [Fact]
    public async Task Publish_AnsweredAfterTheEpochWasLost_GoesAgainBehindTheOlder()
    {
        await AcceptAsync(1, "1", "g2");
        var second = _lane.Send("2");
        var underWay = await _lane.Grain.PublishAsync(2);
        (await _lane.Grain.CollectAsync(1)).OtherEpoch();

        underWay.Accept();
        (await _lane.Grain.PublishAsync(3)).Accept();
        Assert.False(second.Completion.IsCompleted);
        (await _lane.Grain.PublishAsync(4)).Accept();

        Assert.Equal(["1", "2"], _lane.Grain.Publishes.Skip(2).SelectMany(call => Texts(call.Batch)));
        Assert.Equal(One, await LaneOutboxFixture.EndAsync(second));
    }

    [Fact]
    public async Task Collect_OfALostEpochAnswersLate_CountsForNothing()
    {
        await AcceptAsync(1, "1", "g2");
        _lane.Send("2");
        (await _lane.Grain.PublishAsync(2)).OtherEpoch();
        var again = await _lane.Grain.PublishAsync(3);

        (await _lane.Grain.CollectAsync(1)).Answer();
        again.Accept("g2");

        Assert.Equal(["2"], Texts((await _lane.Grain.PublishAsync(4)).Batch));
        Assert.Equal(0, _lane.Retirements);
    }

    [Fact]
    public async Task Publish_MoreWaitsThanACallCarries_IsSplitInOrder()
    {
        _lane.Send("first");
        var first = await _lane.Grain.PublishAsync(1);
        for (var i = 0; i < 1500; i++)
        {
            _lane.Broadcast($"{i}");
        }

        first.Accept();
        (await _lane.Grain.PublishAsync(2)).Accept();
        (await _lane.Grain.PublishAsync(3)).Accept();

        Assert.Equal([1, 1000, 500], _lane.Grain.Publishes.Select(call => call.Batch.Signals.Length));
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => $"{i}"), _lane.Grain.Publishes.Skip(1).SelectMany(call => Texts(call.Batch)));
    }

    [Fact]
    public async Task Publish_LargeMessages_CallStaysBelowAQuarterMegabyte()
    {
        _lane.Send("first");
        var first = await _lane.Grain.PublishAsync(1);
        for (var i = 0; i < 5; i++)
        {
            _lane.Broadcast(new string('x', 64 * 1024));
        }

        first.Accept();
        (await _lane.Grain.PublishAsync(2)).Accept();
        await _lane.Grain.PublishAsync(3);

        Assert.All(_lane.Grain.Publishes, call => Assert.InRange(call.Batch.Signals.Sum(signal => signal.Payload.Length), 0, 256 * 1024));
    }

    [Fact]
    public async Task Acknowledged_BehindAnOlderOne_IsNotToldAsAcknowledged()
    {
        await AcceptAsync(1, "1", "g2");
        await AcceptAsync(2, "2");
        await AcceptAsync(3, "3", "g2");

        var oldest = _lane.Grain.Publishes[0].Sequences.Single();

        Assert.All(_lane.Grain.Publishes, call => Assert.InRange(call.Batch.AcknowledgedThrough, 0, oldest - 1));
    }

    [Fact]
    public async Task Acknowledged_InOrder_IsToldWithTheNextBatch()
    {
        var first = await AcceptAsync(1, "1", "g2");
        await AcceptAsync(2, "2", "g2");
        (await _lane.Grain.CollectAsync(1)).Answer();
        await LaneOutboxFixture.EndAsync(first);

        await AcceptAsync(3, "3", "g2");

        Assert.Equal(_lane.Grain.Publishes[0].Sequences.Single(), _lane.Grain.Publishes[2].Batch.AcknowledgedThrough);
    }

    [Fact]
    public async Task GivenUp_NeverAccepted_GoesNoFurther()
    {
        var receipt = _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        Assert.True(receipt.TryGiveUp());
        first.Fail();
        await _lane.RetryAsync();

        await _lane.RetiredAsync();

        Assert.Equal(NotAccepted, await receipt.Completion);
        Assert.Single(_lane.Grain.Publishes);
    }

    [Fact]
    public async Task GivenUp_WhileItWaitsBehindAnother_IsNeverSent()
    {
        _lane.Send("1");
        var first = await _lane.Grain.PublishAsync(1);
        var second = _lane.Send("2");
        _lane.Send("3");
        Assert.True(second.TryGiveUp());

        first.Accept();

        Assert.Equal(["3"], Texts((await _lane.Grain.PublishAsync(2)).Batch));
    }

    /// <summary>
    /// Tests a publisher that gives up during the call that accepts its signal. The signal may still be delivered, and the receipt may say that it
    /// was not accepted.
    /// </summary>
    [Fact]
    public async Task GivenUp_WhileItIsBeingAccepted_IsToldAsNotAccepted()
    {
        var receipt = _lane.Send();
        var call = await _lane.Grain.PublishAsync(1);
        Assert.True(receipt.TryGiveUp());

        call.Accept();

        await _lane.RetiredAsync();
        Assert.Equal(NotAccepted, await receipt.Completion);
    }

    [Fact]
    public async Task GivenUp_SomeOfABatch_TheRestGoesOn()
    {
        _lane.Send("first");
        var first = await _lane.Grain.PublishAsync(1);
        var signal = _lane.Send("signal");
        _lane.Broadcast("broadcast");
        first.Accept();
        (await _lane.Grain.PublishAsync(2)).Fail();
        signal.TryGiveUp();
        await _lane.RetryAsync();

        Assert.Equal(["broadcast"], Texts((await _lane.Grain.PublishAsync(3)).Batch));
    }

    [Fact]
    public async Task GivenUp_AcceptedOnce_IsKeptToTheEnd()
    {
        var receipt = _lane.Send("1");
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        await LaneOutboxFixture.AcceptedAsync(receipt);
        Assert.False(receipt.TryGiveUp());
        (await _lane.Grain.CollectAsync(1)).OtherEpoch();
        await _lane.FailForAsync(TimeSpan.FromSeconds(30), () => receipt.Completion.IsCompleted);
        Assert.False(receipt.Completion.IsCompleted);

        _lane.Grain.AcceptsAtOnce = true;
        await _lane.FailForAsync(TimeSpan.FromSeconds(2), () => receipt.Completion.IsCompleted);

        Assert.Equal(One, await LaneOutboxFixture.EndAsync(receipt));
    }

    [Fact]
    public async Task Broadcast_NeverAccepted_IsTriedForItsTimeAndGivenUp()
    {
        _lane.Broadcast();

        await _lane.FailForAsync(LaneOutboxFixture.BroadcastDeadline - TimeSpan.FromSeconds(1), () => _lane.Retirements > 0);
        Assert.Equal(0, _lane.Retirements);
        await _lane.FailForAsync(TimeSpan.FromSeconds(2), () => _lane.Retirements > 0);

        await _lane.RetiredAsync();
    }

    /// <summary>
    /// Tests that an accepted signal is given up after nine minutes. Receivers recognize repeats for ten minutes, so a later repeat could be
    /// delivered twice.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Accepted_NoSiloForNineMinutes_IsGivenUp(bool isAcceptedInALostEpoch)
    {
        _lane.Send("1");
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        var collect = await _lane.Grain.CollectAsync(1);
        _lane.Time.Advance(LaneOutbox.KeepAcceptedFor - TimeSpan.FromSeconds(1));
        if (isAcceptedInALostEpoch)
        {
            collect.OtherEpoch();
            var again = await _lane.Grain.PublishAsync(2);
            _lane.Time.Advance(TimeSpan.FromSeconds(1));
            again.Fail();
            await _lane.RetryAsync();
        }
        else
        {
            _lane.Time.Advance(TimeSpan.FromSeconds(1));
            collect.Fail();
        }

        await _lane.RetiredAsync();
    }

    [Fact]
    public async Task Settled_SomethingOlderIsHeld_IsBelowIt()
    {
        await AcceptAsync(1, "1", "g2");
        _lane.Time.Advance(TimeSpan.FromSeconds(1));
        await AcceptAsync(2, "2", "g2");
        var oldest = _lane.Grain.Publishes[0].Sequences.Single();

        Assert.Equal(oldest - 1, _lane.Grain.Publishes[1].Batch.SettledThrough);
    }

    [Fact]
    public async Task Settled_EverythingElseIsAcknowledged_IsTheLastOfThem()
    {
        await AcceptAsync(1, "1", "g2");
        await AcceptAsync(2, "2", "g2");
        (await _lane.Grain.CollectAsync(1)).Answer();
        (await _lane.Grain.CollectAsync(2)).Answer();
        await _lane.RetiredAsync();

        Assert.Equal(long.MaxValue, _lane.Outbox.OldestSequence);
    }

    [Fact]
    public async Task ReadyAsync_Full_CompletesWhenHalfIsAcknowledged()
    {
        _lane.Send("first");
        var first = await _lane.Grain.PublishAsync(1);
        _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
        var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();
        first.Accept();
        var second = await _lane.Grain.PublishAsync(2);
        Assert.False(ready.IsCompleted);

        second.Accept();

        await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ReadyAsync_AcceptedButNotAcknowledged_StillCounts()
    {
        _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        var collect = await _lane.Grain.CollectAsync(1);
        var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();
        Assert.False(ready.IsCompleted);

        collect.Answer();

        await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ReadyAsync_GivenUp_CompletesAll()
    {
        for (var i = 0; i < 3; i++)
        {
            _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
        }

        var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();
        await _lane.FailForAsync(LaneOutboxFixture.BroadcastDeadline + TimeSpan.FromSeconds(2), () => ready.IsCompleted);

        await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    /// <summary>Tests that a hanging gateway does not block a lane for the other gateways until its lease expires.</summary>
    [Fact]
    public async Task ReadyAsync_OnlyAnUnresponsiveGatewayIsPending_HasRoom()
    {
        _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
        var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();

        (await _lane.Grain.PublishAsync(1)).AcceptWithUnresponsive("g2");

        await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ReadyAsync_UnresponsiveGatewayHasTooMuchPending_WaitsUntilItIsAcknowledged()
    {
        for (var i = 1; i <= 3; i++)
        {
            _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
            (await _lane.Grain.PublishAsync(i)).AcceptWithUnresponsive("g2");
            await _lane.Grain.CollectAsync(i);
        }

        var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();
        Assert.False(ready.IsCompleted);
        Array.ForEach([.. _lane.Grain.Collects], collect => collect.Answer());

        await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Tests that the bytes set aside for a hanging gateway are released from the account of the whole gateway. Otherwise the account would fill up
    /// for good.
    /// </summary>
    [Fact]
    public async Task ReadyAsync_GatewayHangsAgainAndAgain_HasRoomEachTime()
    {
        await AcceptAsync(1, "keeps the outbox", "g3");
        for (var i = 2; i <= 11; i++)
        {
            _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
            var ready = _lane.Outbox.ReadyAsync(CancellationToken.None).AsTask();
            (await _lane.Grain.PublishAsync(i)).AcceptWithUnresponsive("g2");
            (await _lane.Grain.CollectAsync(i)).Answer();

            await ready.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task ReadyAsync_Cancelled_StopsWaiting()
    {
        _lane.Broadcast(new string('x', LaneOutboxFixture.MaxLaneBytes));
        using var cancellation = new CancellationTokenSource();
        var ready = _lane.Outbox.ReadyAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }

    [Fact]
    public async Task Retire_AllAcknowledged_TakesNothingMore()
    {
        _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept();
        await _lane.RetiredAsync();

        Assert.False(_lane.TrySend("late", null));
        Assert.Equal(1, _lane.Retirements);
    }

    [Fact]
    public async Task Retire_SomethingUnacknowledged_StaysUntilCollected()
    {
        _lane.Send();
        (await _lane.Grain.PublishAsync(1)).Accept("g2");
        var collect = await _lane.Grain.CollectAsync(1);
        Assert.Equal(0, _lane.Retirements);

        collect.Answer();

        await _lane.RetiredAsync();
    }

    private static IEnumerable<string> Texts(SignalBatch batch) => batch.Signals.Select(signal => System.Text.Encoding.UTF8.GetString(signal.Payload));

    private async Task<ClusterReceipt> AcceptAsync(int number, string text, params string[] pending)
    {
        var receipt = _lane.Send(text);
        (await _lane.Grain.PublishAsync(number)).Accept(pending);
        await LaneOutboxFixture.AcceptedAsync(receipt);
        return receipt;
    }
}
