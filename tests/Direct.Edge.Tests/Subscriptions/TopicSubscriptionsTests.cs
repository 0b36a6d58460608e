using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Subscriptions;

public sealed class TopicSubscriptionsTests : IDisposable
{
    private static readonly Topic Room = Topic.Room(1, 2);

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();
    private readonly DeadlineWheel _wheel;
    private readonly FaultyBackplane _backplane = new();
    private readonly TopicSubscriptions _subscriptions;
    private readonly ConcurrentStack<SubscriptionHandle> _held = new();

    public TopicSubscriptionsTests()
    {
        _wheel = new DeadlineWheel(_clock);
        _wheel.Start();
        _subscriptions = Create(_backplane);
    }

    public void Dispose()
    {
        _wheel.Dispose();
        _logger.ThrowOnErrors();
    }

    [Fact]
    public async Task TryAcquireAsync_WhileTheFirstWaits_WaitsForTheSameCall()
    {
        _backplane.IsHeld = true;
        var acquirings = new[] { Acquire(Room), Acquire(Room), Acquire(Room) };
        var call = await NextAsync();

        call.Succeed();

        Assert.DoesNotContain(false, await Task.WhenAll(acquirings.Select(WaitAsync)));
        Assert.Equal(["+room/1/2"], _backplane.History);
    }

    [Fact]
    public async Task TryAcquireAsync_AnotherTopicPending_DoesNotWaitForIt()
    {
        _backplane.IsHeld = true;
        var held = Acquire(Room);
        var call = await NextAsync();
        _backplane.IsHeld = false;

        Assert.True(await WaitAsync(Acquire(Topic.Group(9))));

        Assert.False(held.IsCompleted);
        call.Succeed();
        await WaitAsync(held);
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 0, "+group/1")]
    [InlineData(0, 2, "+channel/2")]
    [InlineData(1, 2, "+channel/2 +group/1 +room/1/2")]
    public async Task TryAcquireRoomsAsync_AnyPlace_SubscribesWhatItNeeds(long group, long channel, string calls)
    {
        Assert.True(await WaitAsync(HoldAsync(_subscriptions.TryAcquireRoomsAsync(group, channel))));

        Assert.Equal(calls, string.Join(' ', _backplane.History.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task TryAcquireAsync_BackplaneThatNeedsNoSubscriptions_IsNeverAsked()
    {
        var subscriptions = Create(FaultyBackplane.InProcess(null!));

        Assert.True(await HoldAsync(subscriptions.TryAcquireAsync(Room)));
        Assert.True(await HoldAsync(subscriptions.TryAcquireRoomsAsync(1, 2)));
        Release();
        Release();

        Assert.Equal(0, subscriptions.Count);
    }

    [Fact]
    public async Task Release_TheLastHolder_UnsubscribesAfterTheLinger()
    {
        await WaitAsync(Acquire(Room));
        Release();

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(["+room/1/2"], _backplane.History);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await EndedAsync();
        Assert.Equal(["+room/1/2", "-room/1/2"], _backplane.History);
    }

    [Fact]
    public async Task Keep_OneOfThreeTopics_HoldsItUntilItIsReleasedByName()
    {
        var handle = (await _subscriptions.TryAcquireRoomsAsync(1, 2))!.Value;
        handle.Keep(Topic.Channel(2));
        handle.Dispose();
        await UntilUnsubscribedAsync("-group/1", "-room/1/2");

        _subscriptions.Release(Topic.Channel(2), handle.Generation);

        await UntilUnsubscribedAsync("-channel/2", "-group/1", "-room/1/2");
    }

    /// <summary>
    /// Tests a release that comes after a reset. Under the same name there is a subscription of another holder by then, which must not be released.
    /// </summary>
    [Fact]
    public async Task Release_OfAnEarlierGeneration_DoesNothing()
    {
        var early = (await _subscriptions.TryAcquireAsync(Room))!.Value;
        var earlier = early.Generation;
        early.Keep(Room);
        _subscriptions.Reset();
        var late = (await _subscriptions.TryAcquireAsync(Room))!.Value;
        var later = late.Generation;
        late.Keep(Room);

        _subscriptions.Release(Room, earlier);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["+room/1/2", "+room/1/2"], _backplane.History);
        _subscriptions.Release(Room, later);

        await UntilUnsubscribedAsync("-room/1/2");
    }

    [Fact]
    public async Task TryAcquireAsync_WithinTheLinger_DoesNotFlap()
    {
        await WaitAsync(Acquire(Room));
        Release();
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.True(Acquire(Room).IsCompletedSuccessfully);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["+room/1/2"], _backplane.History);
    }

    [Fact]
    public async Task Release_AgainAfterAReturn_LingersFromThen()
    {
        await WaitAsync(Acquire(Room));
        Release();
        _clock.Advance(TimeSpan.FromSeconds(8));
        await WaitAsync(Acquire(Room));
        Release();

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(["+room/1/2"], _backplane.History);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await EndedAsync();
    }

    [Fact]
    public async Task TryAcquireAsync_DuringTheUnsubscribe_WaitsForANewSubscribe()
    {
        await WaitAsync(Acquire(Room));
        _backplane.IsHeld = true;
        Release();
        _clock.Advance(TimeSpan.FromSeconds(11));
        var unsubscribe = await NextAsync();

        var acquiring = Acquire(Room);
        Assert.Equal((false, 2), (acquiring.IsCompleted, _backplane.History.Count));
        unsubscribe.Succeed();
        var subscribe = await NextAsync();
        Assert.Equal((false, "+room/1/2"), (acquiring.IsCompleted, subscribe.ToString()));
        subscribe.Succeed();

        Assert.True(await WaitAsync(acquiring));
    }

    [Fact]
    public async Task TryAcquireAsync_SubscribeFails_IsTriedAgainEverSlowerUpTo2Seconds()
    {
        int[] delays = [100, 200, 400, 800, 1600, 2000, 2000];
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        var call = await NextAsync();

        foreach (var delay in delays)
        {
            // Three timers: the wheel, the timeout of the caller, and the retry.
            call.Fail();
            await Deadline.UntilAsync($"the pause of {delay} ms", () => _clock.ArmedTimers == 3, actual: () => $"{_clock.ArmedTimers} timers");
            _clock.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.False(_backplane.TryTakeCall(out _), $"tried again before {delay} ms");
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            call = await NextAsync();
        }

        call.Succeed();
        Assert.True(await WaitAsync(acquiring));
    }

    [Fact]
    public async Task TryAcquireAsync_SubscribeFails_IsAWarning()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        (await NextAsync()).Fail();
        await Deadline.UntilAsync("the pause", () => _clock.ArmedTimers == 3);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        (await NextAsync()).Succeed();
        await WaitAsync(acquiring);

        var (level, _, text) = Assert.Single(_logger.Entries);

        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("room/1/2", text, StringComparison.Ordinal);
    }

    /// <summary>
    /// Regression test: a silo without memory refused every join of an attack, and each attempt for each topic logged a warning with its stack trace.
    /// Five subscribes fail here at once.
    /// </summary>
    [Fact]
    public async Task TryAcquireAsync_ManyFailAtOnce_IsOneWarningASecond()
    {
        _clock.Advance(TimeSpan.FromHours(1));
        _backplane.IsHeld = true;
        for (var i = 1; i <= 5; i++)
        {
            _ = Acquire(Topic.Room(i, i));
            (await NextAsync()).Fail();
        }

        await Deadline.UntilAsync("all are logged", () => _logger.Entries.Count == 5);
        Assert.Single(_logger.Entries, entry => entry.Level is LogLevel.Warning);

        _clock.Advance(TimeSpan.FromSeconds(1));
        (await NextAsync()).Fail();
        await Deadline.UntilAsync("the next second is logged", () => _logger.Entries.Count == 6);
        Assert.Equal(2, _logger.Entries.Count(entry => entry.Level is LogLevel.Warning));
    }

    [Fact]
    public async Task TryAcquireAsync_NotConfirmedInTime_IsFalseAndHoldsNothing()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        var call = await NextAsync();

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.False(await WaitAsync(acquiring));
        _backplane.IsHeld = false;
        call.Succeed();
        _clock.Advance(TimeSpan.FromSeconds(11));
        await EndedAsync();
        Assert.Equal(["+room/1/2", "-room/1/2"], _backplane.History);
    }

    // Otherwise the caller would be a member of a room that the gateway unsubscribes after the linger.
    [Fact]
    public async Task TryAcquireAsync_ConfirmedWhileItIsReleased_IsFalseAndHoldsNothing()
    {
        var options = new HookedOptions();
        var subscriptions = Create(_backplane, options);
        _backplane.IsHeld = true;
        var acquiring = HoldAsync(subscriptions.TryAcquireAsync(Room));
        var call = await NextAsync();
        options.OnLinger = () =>
        {
            // Another caller waits for the same confirmation; when it continues, all waiting callers have been notified.
            var other = HoldAsync(subscriptions.TryAcquireAsync(Room));
            call.Succeed();
            Assert.True(SpinWait.SpinUntil(() => other.IsCompleted, Deadline.Default));
            Release();
        };

        _clock.Advance(TimeSpan.FromSeconds(10));

        var isHeld = await WaitAsync(acquiring);
        _backplane.IsHeld = false;
        _clock.Advance(TimeSpan.FromSeconds(11));
        await Deadline.UntilAsync("the subscription's end", () => subscriptions.Count == 0);
        Assert.Equal((false, false, "+room/1/2 -room/1/2"), (isHeld, _backplane.Delivers(Room), string.Join(' ', _backplane.History)));
    }

    // A subscribe hangs until after the linger. When it completes, the topic has no holder any more.
    [Fact]
    public async Task TryAcquireAsync_ConfirmedLongAfterTheLinger_IsUnsubscribed()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        var call = await NextAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        await WaitAsync(acquiring);
        _clock.Advance(TimeSpan.FromMinutes(1));

        _backplane.IsHeld = false;
        call.Succeed();

        await EndedAsync();
        Assert.Equal(["+room/1/2", "-room/1/2"], _backplane.History);
    }

    [Fact]
    public async Task TryAcquireAsync_ClusterAwayThroughout_IsForgottenInTheEnd()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        (await NextAsync()).Fail();
        await Deadline.UntilAsync("the pause", () => _clock.ArmedTimers == 3);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        var call = await NextAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await WaitAsync(acquiring));

        call.Fail();
        await Deadline.UntilAsync("the pause", () => _clock.ArmedTimers == 2);
        _clock.Advance(TimeSpan.FromSeconds(12));

        // A subscribe that seems to fail may have arrived, so it is unsubscribed too.
        (await NextAsync()).Fail();
        await EndedAsync();
        Assert.Equal(["+room/1/2", "+room/1/2", "-room/1/2"], _backplane.History);
    }

    /// <summary>Tests that a fenced gateway releases all topics at once, even while calls to the cluster are under way.</summary>
    [Fact]
    public async Task Abandon_WhileAnAcquireWaits_EndsItWithoutItsTime()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        var call = await NextAsync();

        _subscriptions.Abandon();

        Assert.False(await WaitAsync(acquiring));
        Assert.False(await WaitAsync(Acquire(Topic.Group(9))));
        _subscriptions.Reset();
        call.Succeed();
        _backplane.IsHeld = false;
        Assert.True(await WaitAsync(Acquire(Room)));
    }

    [Fact]
    public async Task Abandon_HeldAlready_StaysHeld()
    {
        await WaitAsync(Acquire(Room));

        _subscriptions.Abandon();

        Assert.True(await WaitAsync(Acquire(Room)));
    }

    [Fact]
    public async Task Reset_AfterALinger_TellsTheClusterNothingAndForgetsAll()
    {
        await WaitAsync(Acquire(Room));
        Release();

        _subscriptions.Reset();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, "+room/1/2"), (_subscriptions.Count, Assert.Single(_backplane.History)));
    }

    // Disposing one handle twice must not release the handle of another holder.
    [Fact]
    public async Task Dispose_Twice_ReleasesOnce()
    {
        var handle = await _subscriptions.TryAcquireAsync(Room) ?? throw new InvalidOperationException("not acquired");
        await WaitAsync(Acquire(Room));

        handle.Dispose();
        handle.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((1, "+room/1/2"), (_subscriptions.Count, Assert.Single(_backplane.History)));
    }

    // A handle from before a reset must not release a topic that was subscribed again.
    [Fact]
    public async Task Dispose_OfAHandleFromBeforeAReset_DoesNothing()
    {
        var old = await _subscriptions.TryAcquireAsync(Room) ?? throw new InvalidOperationException("not acquired");
        _subscriptions.Reset();
        await WaitAsync(Acquire(Room));

        old.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((1, "+room/1/2 +room/1/2"), (_subscriptions.Count, string.Join(' ', _backplane.History)));
    }

    // A caller that arrives and gives up during the unsubscribe starts a linger, and at its end no call is needed.
    [Fact]
    public async Task Release_DuringTheUnsubscribe_EndsAfterTheLingerWithoutACall()
    {
        await WaitAsync(Acquire(Room));
        _backplane.IsHeld = true;
        Release();
        _clock.Advance(TimeSpan.FromSeconds(11));
        var unsubscribe = await NextAsync();
        var acquiring = Acquire(Room);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await WaitAsync(acquiring));

        unsubscribe.Succeed();
        _clock.Advance(TimeSpan.FromSeconds(9.8));
        Assert.Equal(1, _subscriptions.Count);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        await EndedAsync();
        Assert.Equal(["+room/1/2", "-room/1/2"], _backplane.History);
    }

    // A subscribe from before a reset completes late. It must not unsubscribe the topic that was subscribed again.
    [Fact]
    public async Task Reset_SubscribeUnderWay_EndsWithThatCall()
    {
        _backplane.IsHeld = true;
        var acquiring = Acquire(Room);
        var call = await NextAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await WaitAsync(acquiring));
        _clock.Advance(TimeSpan.FromSeconds(11));

        _subscriptions.Reset();
        call.Succeed();

        Assert.Equal((0, "+room/1/2"), (_subscriptions.Count, Assert.Single(_backplane.History)));
    }

    [Fact]
    public async Task TryAcquireRoomsAsync_OneOfThreeNotConfirmed_HoldsNoneOfThem()
    {
        _backplane.IsHeld = true;
        var acquiring = HoldAsync(_subscriptions.TryAcquireRoomsAsync(1, 2));
        var calls = new[] { await NextAsync(), await NextAsync(), await NextAsync() };
        calls[0].Succeed();
        calls[1].Succeed();

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await WaitAsync(acquiring));

        _backplane.IsHeld = false;
        calls[2].Succeed();
        _clock.Advance(TimeSpan.FromSeconds(11));
        await EndedAsync();
        Assert.Empty(_backplane.Subscribed);
    }

    [Fact]
    public async Task Release_UnsubscribeFails_IsOverAllTheSame()
    {
        await WaitAsync(Acquire(Room));
        _backplane.IsHeld = true;
        Release();
        _clock.Advance(TimeSpan.FromSeconds(11));

        (await NextAsync()).Fail();

        await EndedAsync();
        Assert.Equal(LogLevel.Warning, Assert.Single(_logger.Entries).Level);
    }

    [Fact]
    public async Task TryAcquireAsync_AfterAFailedUnsubscribe_SubscribesAnew()
    {
        await WaitAsync(Acquire(Room));
        _backplane.IsHeld = true;
        Release();
        _clock.Advance(TimeSpan.FromSeconds(11));
        var unsubscribe = await NextAsync();
        var acquiring = Acquire(Room);

        _backplane.IsHeld = false;
        unsubscribe.Fail();

        Assert.True(await WaitAsync(acquiring));
        Assert.Equal(["+room/1/2", "-room/1/2", "+room/1/2"], _backplane.History);
    }

    // Several threads acquire and release a few topics while calls are slow and fail. A held topic is always delivered, calls for one topic never
    // overlap, and at the end all topics are unsubscribed.
    [Fact]
    public async Task AcquireAndRelease_FromManyThreadsOverAFaultyBackplane_KeepsEveryPromise()
    {
        const int Holders = 4;
        Topic[] topics = [Topic.Group(1), Topic.Channel(1), Topic.Room(1, 1)];
        var random = new Random(11);
        var backplane = new FaultyBackplane
        {
            OnCall = async () =>
            {
                await Task.Yield();
                int lot;
                lock (random)
                {
                    lot = random.Next(0, 10);
                }

                if (lot == 0)
                {
                    throw new IOException("the cluster is away");
                }
            },
        };
        var subscriptions = Create(backplane, linger: TimeSpan.FromMilliseconds(100));
        var (broken, acquired, refused) = (0, 0, 0);

        var holding = Threads.RunAsync([.. Enumerable.Range(0, Holders).Select(Func<Task> (holder) => () => AcquireAndReleaseAsync(new Random(holder)))]);
        while (!holding.IsCompleted)
        {
            // Lets the holders continue first. On a busy machine every call would otherwise time out before it has begun.
            var before = Finished();
            for (var turns = 0; turns < 1000 && Finished() == before && !holding.IsCompleted; turns++)
            {
                await Task.Yield();
            }

            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        await holding;
        await Deadline.UntilAsync(
            "every subscription's end",
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return subscriptions.Count == 0;
            },
            actual: () => $"{subscriptions.Count} left");

        Assert.Equal((0, 0, false), (broken, backplane.Overlaps, topics.Any(backplane.Delivers)));
        Assert.True(acquired > 100, $"only {acquired} were acquired, {refused} refused");

        int Finished() => Volatile.Read(ref acquired) + Volatile.Read(ref refused);

        async Task AcquireAndReleaseAsync(Random own)
        {
            for (var round = 0; round < 300; round++)
            {
                var topic = topics[own.Next(topics.Length)];
                if (await subscriptions.TryAcquireAsync(topic) is not { } handle)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                Interlocked.Increment(ref acquired);
                for (var looks = own.Next(0, 5); looks >= 0; looks--)
                {
                    Interlocked.Add(ref broken, backplane.Delivers(topic) ? 0 : 1);
                    await Task.Yield();
                }

                handle.Dispose();
            }
        }
    }

    private static Task<bool> WaitAsync(Task<bool> acquiring) => Deadline.RunAsync("an answer", token => new ValueTask<bool>(acquiring.WaitAsync(token)));

    private Task<bool> Acquire(Topic topic) => HoldAsync(_subscriptions.TryAcquireAsync(topic));

    private async Task<bool> HoldAsync(ValueTask<SubscriptionHandle?> acquiring)
    {
        if (await acquiring is not { } handle)
        {
            return false;
        }

        _held.Push(handle);
        return true;
    }

    private void Release()
    {
        Assert.True(_held.TryPop(out var handle));
        handle.Dispose();
    }

    private Task<BackplaneCall> NextAsync() => _backplane.NextCallAsync("a call");

    private Task EndedAsync() => Deadline.UntilAsync(
        "the subscription's end", () => _subscriptions.Count == 0, actual: () => $"{_subscriptions.Count} left; {string.Join(' ', _backplane.History)}");

    private Task UntilUnsubscribedAsync(params string[] calls) => Deadline.UntilAsync(
        string.Join(' ', calls),
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(11));
            return _backplane.History.Where(call => call[0] == '-').Order(StringComparer.Ordinal).SequenceEqual(calls);
        },
        actual: () => string.Join(' ', _backplane.History));

    private TopicSubscriptions Create(IBackplane backplane, TimeSpan? linger = null) => Create(
        backplane,
        Options.Create(new SubscriptionOptions { SubscriptionLinger = linger ?? TimeSpan.FromSeconds(10), SubscribeTimeout = TimeSpan.FromSeconds(10) }));

    private TopicSubscriptions Create(IBackplane backplane, IOptions<SubscriptionOptions> options) =>
        new(backplane, options, _wheel, _clock, _logger.For<TopicSubscriptions>());

    /// <summary>Implements options that are read in the middle of a release, where a test can run a callback.</summary>
    private sealed class HookedOptions : IOptions<SubscriptionOptions>
    {
        private readonly SubscriptionOptions _value = new() { SubscriptionLinger = TimeSpan.FromSeconds(10), SubscribeTimeout = TimeSpan.FromSeconds(10) };

        /// <summary>Gets or sets a callback that runs once, at the next read.</summary>
        public Action? OnLinger { get; set; }

        public SubscriptionOptions Value
        {
            get
            {
                var hook = OnLinger;
                OnLinger = null;
                hook?.Invoke();
                return _value;
            }
        }
    }
}
