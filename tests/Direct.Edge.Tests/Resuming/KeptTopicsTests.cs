using Direct.Edge.Keeping;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Tests.Resuming;

public sealed class KeptTopicsTests : IDisposable
{
    private readonly TestGateway _gateway = new() { Keep = { Role = KeepRole.Leader } };

    public void Dispose() => _gateway.Dispose();

    // A publisher or a join may have found a topic just before its window ended. Both then take the one that follows.
    [Fact]
    public void Topic_ThatHasRetired_DeclinesMessagesAndHolders()
    {
        _ = _gateway.Hub;
        var (kept, topic) = (_gateway.Kept, Topic.Group(7));
        kept.HoldAll();
        kept.Hold(topic);
        var retired = (NumberedTopic)kept.Find(topic)!;
        kept.Release(topic, TimeSpan.FromSeconds(1));
        _gateway.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(kept.Find(topic));
        Assert.Equal((false, false), (retired.TryPublish(new Target(7, 0, 0), "a"u8, out _), retired.TryHold()));
        kept.Hold(topic);

        Assert.NotEqual(retired.Head.Epoch, kept.Find(topic)!.Head.Epoch);
        Assert.True(kept.Publish(topic, new Target(7, 0, 0), "a"u8).IsKept);
    }

    // A direct.2 connection is in no topic that is not kept, so a message that finds it so was accepted before its join.
    [Fact]
    public void Publish_ToATopicThatIsNotKept_ReachesTheOriginalDialectOnly()
    {
        var (original, direct2) = (new RecordingRecipient(), new RecordingRecipient { SpeaksDirect2 = true });
        _gateway.Index.Join(Topic.Group(7), original);
        _gateway.Index.Join(Topic.Group(7), direct2);
        _gateway.Kept.HoldAll();

        Assert.Equal(1, _gateway.Kept.Publish(Topic.Group(7), new Target(7, 0, 0), "a"u8).Connections);
        _gateway.Kept.Hold(Topic.Group(7));
        Assert.Equal(2, _gateway.Kept.Publish(Topic.Group(7), new Target(7, 0, 0), "b"u8).Connections);
    }

    // While the budget is exceeded, the topic whose last holder has gone the longest time ago ends first.
    [Fact]
    public void Budget_Exceeded_EndsTheOldestWindow()
    {
        _gateway.Keep.BytesPerProcess = 1700;
        var kept = _gateway.Kept;
        kept.HoldAll();
        foreach (var group in Enumerable.Range(1, 3))
        {
            kept.Hold(Topic.Group(group));
            kept.Release(Topic.Group(group), kept.Window);
        }

        kept.Publish(Topic.All, default, new byte[500]);
        Assert.Equal(4, kept.Count);
        kept.Publish(Topic.All, default, new byte[300]);

        Assert.Equal([false, true, true], Enumerable.Range(1, 3).Select(group => kept.Find(Topic.Group(group)) is not null));
    }

    // A silo then asks another gateway. A topic that is kept already takes no more space.
    [Fact]
    public void KeepFor_WhileTheBudgetIsExceeded_IsRefused()
    {
        using var gateway = new TestGateway { IsClustered = true, Keep = { Role = KeepRole.Keeper, BytesPerProcess = 1000 } };
        _ = gateway.TopicSubscriptions;
        var kept = gateway.Kept;
        var some = Enumerable.Range(1, 100).TakeWhile(group => kept.KeepFor(Topic.Group(group), kept.Window)).Count();

        Assert.InRange(some, 1, 10);
        Assert.False(kept.KeepFor(Topic.Group(200), kept.Window));
        Assert.True(kept.KeepFor(Topic.Group(1), kept.Window));
    }

    // Nothing can end topics that are held, so many of them must not leave the budget without room for a message.
    [Fact]
    public void Budget_WithMoreHeldTopicsThanItHasRoomFor_KeepsMessages()
    {
        _gateway.Keep.BytesPerProcess = 1000;
        var kept = _gateway.Kept;
        _ = _gateway.Hub; // starts the clock
        kept.HoldAll();
        foreach (var group in Enumerable.Range(1, 100))
        {
            kept.Hold(Topic.Group(group));
            kept.Release(Topic.Group(group), kept.Window);
            kept.Hold(Topic.Group(group));
        }

        Pass(kept.Window + kept.Window);
        kept.Publish(Topic.Group(1), new Target(1, 0, 0), "a"u8);

        Assert.False(IsEvicted(Topic.Group(1), after: 0));
    }

    // With a ticket for each message, those of a busy topic would fill the budget long after its ring has dropped the messages.
    [Fact]
    public void Budget_OfMessagesThatFollowAtOnce_CountsOneTicket()
    {
        const int Messages = 1000;
        var topic = Topic.Group(7);
        _gateway.Keep.BytesPerProcess = (Messages * TopicRing.EntryBytes) + KeepBudget.TicketBytes;
        var kept = _gateway.Kept;
        _ = _gateway.Hub; // starts the clock
        kept.HoldAll();
        kept.Hold(topic);

        for (var i = 0; i < Messages; i++)
        {
            kept.Publish(topic, new Target(7, 0, 0), default);
        }

        Assert.False(IsEvicted(topic, after: 0));
        Assert.Equal(_gateway.Keep.BytesPerProcess, _gateway.Meters.Read("direct.gateway.kept.bytes"));
        Pass(kept.Window + TimeSpan.FromSeconds(1));
        Assert.Equal((true, 0), (IsEvicted(topic, after: Messages - 1), _gateway.Meters.Read("direct.gateway.kept.bytes")));
        kept.Publish(topic, new Target(7, 0, 0), default);
        Pass(kept.Window + TimeSpan.FromSeconds(1));
        Assert.Equal((true, 0), (IsEvicted(topic, after: Messages), _gateway.Meters.Read("direct.gateway.kept.bytes")));
    }

    [Fact]
    public void Budget_OfMessagesWithTimeBetweenThem_DropsThemByTheirAge()
    {
        var topic = Topic.Group(7);
        var kept = _gateway.Kept;
        _ = _gateway.Hub; // starts the clock
        kept.HoldAll();
        kept.Hold(topic);
        kept.Publish(topic, new Target(7, 0, 0), default);
        Pass(TimeSpan.FromMinutes(1));
        kept.Publish(topic, new Target(7, 0, 0), default);

        Pass(TimeSpan.FromSeconds(61));

        Assert.Equal((true, false), (IsEvicted(topic, after: 0), IsEvicted(topic, after: 1)));
    }

    // A message to all that is published after the second call and before the topic is held would be missing at the second connection.
    [Fact]
    public async Task HoldAll_ByTwoConnectionsAtOnce_HasHeldTheTopicWhenItReturns()
    {
        for (var round = 0; round < 300; round++)
        {
            using var gateway = new TestGateway { Keep = { Role = KeepRole.Leader } };
            var kept = gateway.Kept;
            using var barrier = new Barrier(2);

            var found = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    kept.HoldAll();
                    return kept.Find(Topic.All) is not null;
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            Assert.Equal([true, true], found);
        }
    }

    private bool IsEvicted(Topic topic, long after)
    {
        var kept = _gateway.Kept.Find(topic)!;
        using var page = kept.Read(kept.Head with { Offset = after }, new RecordingRecipient());
        return page.IsEvicted;
    }

    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
