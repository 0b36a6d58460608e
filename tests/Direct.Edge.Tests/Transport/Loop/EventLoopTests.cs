using System.Collections.Concurrent;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Edge.Transport.Loop;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class EventLoopTests : IDisposable
{
    private static readonly byte[] OneByte = [1];

    private readonly LoopFixture _fixture = new();

    private EventLoop Loop => _fixture.Loop;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Post_FromManyThreads_CallsEveryoneOnceEachOnTheLoopsThread()
    {
        const int Posters = 8;
        const int Each = 5_000;
        var threads = new ConcurrentDictionary<string, bool>();
        var calls = 0; // not synchronized: only the loop's thread changes it
        var socket = new ActingSocket
        {
            Posted = () =>
            {
                threads.TryAdd($"{Environment.CurrentManagedThreadId} {Thread.CurrentThread.Name}", true);
                calls++;
            },
        };

        await Threads.RunAsync(Posters, _ =>
        {
            for (var i = 0; i < Each; i++)
            {
                Loop.Post(socket);
            }
        });

        await Deadline.UntilAsync(
            $"{Posters * Each} calls", () => Volatile.Read(ref calls) >= Posters * Each, actual: () => $"{calls} calls");
        Assert.Equal(Posters * Each, await _fixture.OnLoopAsync(() => calls));
        Assert.EndsWith("test loop", Assert.Single(threads).Key, StringComparison.Ordinal);
    }

    // A post just after the loop has emptied its queue and before it sleeps could be lost. So each second post is made at about the end of the first one's call.
    [Fact]
    public Task Post_AboutWhenTheLoopGoesToSleep_IsNotForgotten() => Threads.RunAsync(1, _ =>
    {
        var random = new Random(1);
        var (calls, pause) = (0, 0);
        var socket = new ActingSocket
        {
            Posted = () =>
            {
                Volatile.Write(ref calls, calls + 1);
                Thread.SpinWait(Volatile.Read(ref pause));
            },
        };
        for (var posts = 2; posts <= 20_000; posts += 2)
        {
            Volatile.Write(ref pause, random.Next(20));
            Loop.Post(socket);
            Wait(posts - 1);
            Thread.SpinWait(random.Next(20));
            Loop.Post(socket);
            Wait(posts);
        }

        void Wait(int expected)
        {
            for (var started = Environment.TickCount64; Volatile.Read(ref calls) < expected;)
            {
                Assert.True(Environment.TickCount64 - started < 5_000, $"call {expected} does not come");
            }
        }
    });

    [Fact]
    public async Task PostAgain_WhileOthersHaveEvents_LetsThemHaveTheirTurnFirst()
    {
        var (watched, peer) = _fixture.Pair();
        var order = new ConcurrentQueue<string>();
        await _fixture.WatchAsync(watched, new ActingSocket { Events = _ => order.Enqueue("the other") });
        var slices = 0;
        ActingSocket? greedy = null;
        greedy = new ActingSocket
        {
            Posted = () =>
            {
                order.Enqueue("greedy");
                if (++slices == 1)
                {
                    peer.Send(OneByte);
                }

                if (slices < 3)
                {
                    Loop.PostAgain(greedy!);
                }
            },
        };

        Loop.Post(greedy);

        await Deadline.UntilAsync("four slices", () => order.Count == 4, actual: () => string.Join(", ", order));
        Assert.Equal(["greedy", "greedy", "the other"], order.Take(3).Order(StringComparer.Ordinal));
        Assert.Equal("greedy", order.Last());
    }

    [Fact]
    public async Task Events_OfASocketWithInput_AreItsOwn()
    {
        var (watched, peer) = _fixture.Pair();
        var (silent, _) = _fixture.Pair();
        var (first, second) = (new ActingSocket(), new ActingSocket());
        await _fixture.WatchAsync(watched, first);
        await _fixture.WatchAsync(silent, second);

        peer.Send(OneByte);

        await Deadline.UntilAsync("an event", () => !first.Seen.IsEmpty);
        Assert.Equal([(uint)Libc.EpollIn], first.Seen);
        Assert.Empty(second.Seen);
    }

    [Fact]
    public async Task Events_OfEdges_ComeOnceEach()
    {
        var (watched, peer) = _fixture.Pair();
        var socket = new ActingSocket();
        await _fixture.WatchAsync(watched, socket);

        for (var edge = 1; edge <= 3; edge++)
        {
            peer.Send(OneByte); // the test does not read it
            await Deadline.UntilAsync($"edge {edge}", () => socket.Seen.Count >= edge);
            await _fixture.OnLoopAsync(() => 0);
        }

        Assert.Equal(3, socket.Seen.Count);
    }

    [Fact]
    public async Task Watch_ForNothingAndThenAgain_PausesAndGoesOn()
    {
        var (watched, peer) = _fixture.Pair();
        var socket = new ActingSocket();
        var token = await _fixture.WatchAsync(watched, socket);
        await _fixture.OnLoopAsync(() => Watch(0));

        peer.Send(OneByte);
        await _fixture.OnLoopAsync(() => 0);
        Assert.Empty(socket.Seen);
        await _fixture.OnLoopAsync(() => Watch(Libc.EpollIn | Libc.EpollEdgeTriggered));

        await Deadline.UntilAsync("the event", () => !socket.Seen.IsEmpty);

        bool Watch(uint events)
        {
            Loop.Watch((int)watched.Handle, events, token);
            return true;
        }
    }

    [Fact]
    public async Task Replace_ByAnother_GivesItTheEventsFromThenOn()
    {
        var (watched, peer) = _fixture.Pair();
        var (first, second) = (new ActingSocket(), new ActingSocket());
        var token = await _fixture.WatchAsync(watched, first);
        peer.Send(OneByte);
        await Deadline.UntilAsync("the first event", () => !first.Seen.IsEmpty);

        await _fixture.OnLoopAsync(() =>
        {
            Loop.Replace(token, second);
            return true;
        });
        peer.Send(OneByte);

        await Deadline.UntilAsync("the second event", () => !second.Seen.IsEmpty);
        Assert.Single(first.Seen);
    }

    [Fact]
    public async Task TryAdd_OfNoDescriptor_IsFalseAndItsPlaceIsFree()
    {
        var (watched, peer) = _fixture.Pair();
        var socket = new ActingSocket();
        await _fixture.WatchAsync(watched, socket);

        var (isAdded, failed) = await _fixture.OnLoopAsync(() => (Loop.TryAdd(-1, Libc.EpollIn, new ActingSocket(), out var token), token));
        var next = await _fixture.WatchAsync(_fixture.Pair().Watched, new ActingSocket());

        Assert.False(isAdded);
        Assert.Equal((uint)failed, (uint)next);
        Assert.NotEqual(failed, next);
        peer.Send(OneByte);
        await Deadline.UntilAsync("the event of the one before", () => !socket.Seen.IsEmpty);
    }

    [Fact]
    public async Task TryAdd_OfMany_KeepsThemApart()
    {
        const int Count = 200; // more than the initial number of slots
        var pairs = Enumerable.Range(0, Count).Select(_ => _fixture.Pair()).ToArray();
        var sockets = pairs.Select(_ => new ActingSocket()).ToArray();
        var tokens = new HashSet<ulong>();
        for (var i = 0; i < Count; i++)
        {
            tokens.Add(await _fixture.WatchAsync(pairs[i].Watched, sockets[i]));
        }

        for (var i = 0; i < Count; i += 3)
        {
            pairs[i].Peer.Send(OneByte);
        }

        await Deadline.UntilAsync("all events", () => sockets.Count(socket => !socket.Seen.IsEmpty) == (Count + 2) / 3);
        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(i % 3 == 0 ? 1 : 0, sockets[i].Seen.Count));
        Assert.Equal(Count, tokens.Count);
    }

    // Both sockets have an event in the same round, and the first one's callback removes the second. The event of the second must be ignored.
    [Fact]
    public async Task Events_OfASocketRemovedInTheSameRound_FindNobody()
    {
        var ((watchedFirst, peerFirst), (watchedSecond, peerSecond)) = (_fixture.Pair(), _fixture.Pair());
        ulong token = 0;
        var second = new ActingSocket();
        var first = new ActingSocket { Events = _ => Loop.Remove((int)watchedSecond.Handle, token) };
        await _fixture.WatchAsync(watchedFirst, first);
        token = await _fixture.WatchAsync(watchedSecond, second);

        await _fixture.WhileBusyAsync(() =>
        {
            peerFirst.Send(OneByte);
            peerSecond.Send(OneByte);
        });

        await Deadline.UntilAsync("the first one's event", () => !first.Seen.IsEmpty);
        await _fixture.OnLoopAsync(() => 0);
        Assert.Empty(second.Seen);
    }

    // In addition a new socket already uses the slot of the second one, and perhaps its descriptor number too.
    [Fact]
    public async Task Events_OfASocketRemovedInTheSameRound_DoNotFindItsSuccessor()
    {
        var ((watchedFirst, peerFirst), (watchedSecond, peerSecond)) = (_fixture.Pair(), _fixture.Pair());
        var (watchedThird, peerThird) = _fixture.Pair();
        ulong token = 0;
        ulong successorToken = 0;
        var (second, successor) = (new ActingSocket(), new ActingSocket());
        var first = new ActingSocket
        {
            Events = _ =>
            {
                Loop.Remove((int)watchedSecond.Handle, token);
                Loop.TryAdd((int)watchedThird.Handle, Libc.EpollIn | Libc.EpollEdgeTriggered, successor, out successorToken);
            },
        };
        await _fixture.WatchAsync(watchedFirst, first);
        token = await _fixture.WatchAsync(watchedSecond, second);

        await _fixture.WhileBusyAsync(() =>
        {
            peerFirst.Send(OneByte);
            peerSecond.Send(OneByte);
        });

        await Deadline.UntilAsync("the first one's event", () => !first.Seen.IsEmpty);
        await _fixture.OnLoopAsync(() => 0);
        Assert.Equal((uint)token, (uint)successorToken); // otherwise the slot was not reused and the test proves nothing
        Assert.Empty(second.Seen);
        Assert.Empty(successor.Seen);
        peerThird.Send(OneByte);
        await Deadline.UntilAsync("the successor's own event", () => !successor.Seen.IsEmpty);
    }

    [Fact]
    public async Task Error_OfOneSocket_IsToldToItAndEndsNoOther()
    {
        var ((watchedBad, peerBad), (watchedGood, peerGood)) = (_fixture.Pair(), _fixture.Pair());
        var bad = new ActingSocket
        {
            Events = _ => throw new InvalidOperationException("event"),
            Posted = () => throw new InvalidOperationException("post"),
        };
        var good = new ActingSocket();
        await _fixture.WatchAsync(watchedBad, bad);
        await _fixture.WatchAsync(watchedGood, good);

        await _fixture.WhileBusyAsync(() =>
        {
            peerBad.Send(OneByte);
            peerGood.Send(OneByte);
            Loop.Post(bad);
        });

        await Deadline.UntilAsync("two errors and an event", () => bad.Errors.Count == 2 && good.Seen.Count == 1);
        await _fixture.OnLoopAsync(() =>
        {
            Loop.PostAgain(bad);
            return 0;
        });
        await Deadline.UntilAsync("the third error", () => bad.Errors.Count == 3);
        Assert.Equal(["event", "post", "post"], bad.Errors.Select(error => error.Message).Order(StringComparer.Ordinal));
        peerGood.Send(OneByte);
        await Deadline.UntilAsync("another event", () => good.Seen.Count == 2);
    }

    // Messages that arrive together are sent together: the loop reads all input before it sends anything.
    [Fact]
    public async Task Slices_AskedForWhileReading_AreGivenOnTheLoopWhenAllHaveBeenRead()
    {
        var ((watchedFirst, peerFirst), (watchedSecond, peerSecond)) = (_fixture.Pair(), _fixture.Pair());
        var order = new ConcurrentQueue<string>();
        var slice = new Slice(() => order.Enqueue($"a slice on {Thread.CurrentThread.Name}"));
        await _fixture.WatchAsync(watchedFirst, new ActingSocket { Events = _ => Read("first") });
        await _fixture.WatchAsync(watchedSecond, new ActingSocket { Events = _ => Read("second") });

        await _fixture.WhileBusyAsync(() =>
        {
            peerFirst.Send(OneByte);
            peerSecond.Send(OneByte);
        });

        await Deadline.UntilAsync("four things", () => order.Count == 4, actual: () => string.Join(", ", order));
        Assert.Equal(["first", "second", "a slice on test loop", "a slice on test loop"], order);

        void Read(string name)
        {
            order.Enqueue(name);
            DrainScheduler.Add(slice);
        }
    }

    // The loop checks for more input only a few times, so that one busy client does not delay the sends to the others.
    [Fact]
    public async Task Slices_WhileInputNeverEnds_AreGivenAllTheSame()
    {
        var (watched, peer) = _fixture.Pair();
        var slices = 0;
        var reads = 0;
        var mostReads = 0;
        var slice = new Slice(() =>
        {
            slices++;
            mostReads = Math.Max(mostReads, reads);
            reads = 0;
        });
        await _fixture.WatchAsync(watched, new ActingSocket
        {
            Events = _ =>
            {
                reads++;
                DrainScheduler.Add(slice);
                if (slices < 20)
                {
                    peer.Send(OneByte); // gives the loop more input at its next check
                }
            },
        });

        peer.Send(OneByte);

        await Deadline.UntilAsync("20 slices", () => Volatile.Read(ref slices) >= 20, actual: () => $"{slices} slices after {reads} reads");
        Assert.InRange(mostReads, 2, 8);
    }

    [Fact]
    public async Task Slice_ThatAsksForAnother_DoesNotKeepSocketsFromBeingRead()
    {
        var (watched, peer) = _fixture.Pair();
        var isRead = false;
        var slices = 0;
        Slice? endless = null;
        endless = new Slice(() =>
        {
            slices++;
            if (!Volatile.Read(ref isRead))
            {
                DrainScheduler.Add(endless!);
            }
        });
        await _fixture.WatchAsync(watched, new ActingSocket { Events = _ => Volatile.Write(ref isRead, true) });
        await _fixture.OnLoopAsync(() =>
        {
            DrainScheduler.Add(endless);
            return 0;
        });
        await Deadline.UntilAsync("some slices", () => Volatile.Read(ref slices) > 100);

        peer.Send(OneByte);

        await Deadline.UntilAsync("the event", () => Volatile.Read(ref isRead));
    }

    [Fact]
    public async Task Input_OfALoop_IsAsLongAsItWasAskedFor()
    {
        Assert.Equal(64 * 1024, await _fixture.OnLoopAsync(() =>
        {
            Loop.Input.Fill(0x5A);
            return Loop.Input.Length;
        }));
    }

    [Fact]
    public void Dispose_OfALoopThatSleeps_EndsItsThread()
    {
        var loop = new EventLoop("ending", 1024);
        Thread? thread = null;
        using var isThere = new ManualResetEventSlim();
        loop.Post(new ActingSocket
        {
            Posted = () =>
            {
                thread = Thread.CurrentThread;
                isThere.Set();
            },
        });
        Assert.True(isThere.Wait(Deadline.Default, TestContext.Current.CancellationToken));

        loop.Dispose();

        Assert.False(thread!.IsAlive);
    }

    // Connections may end after their loops when the process ends. The number of the loop's wake-up descriptor may then belong to another file, which
    // must not be written to.
    [Fact]
    public void Post_AfterTheEnd_WritesIntoNobodysDescriptor()
    {
        for (var round = 0; round < 20; round++)
        {
            var loop = new EventLoop("ended", 1024);
            using var hasRun = new ManualResetEventSlim();
            loop.Post(new ActingSocket { Posted = hasRun.Set });
            Assert.True(hasRun.Wait(Deadline.Default, TestContext.Current.CancellationToken));
            loop.Dispose();
            var successors = Enumerable.Range(0, 16).Select(_ => Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking)).ToArray();

            loop.Post(new ActingSocket());

            var written = successors.Where(HasBeenWrittenTo).ToArray();
            Array.ForEach(successors, descriptor => Libc.Close(descriptor));
            Assert.Empty(written);
        }
    }

    private static unsafe bool HasBeenWrittenTo(int descriptor)
    {
        ulong count;
        return Libc.Read(descriptor, (byte*)&count, sizeof(ulong)) == sizeof(ulong);
    }

    private sealed class Slice(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
