using System.Text;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Memory;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Topics;

public sealed class TopicIndexTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;
    private readonly QueueBudget _queues = FakeMemoryWatch.Plenty();
    private readonly TopicIndex _index;

    public TopicIndexTests()
    {
        _metrics = new GatewayMetrics(_meters);
        _index = new TopicIndex(Options.Create(new TopicOptions()), _queues, _metrics, new NodeGate());
    }

    public void Dispose()
    {
        _queues.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Theory]
    [InlineData(0, 0, "all lobby user/42")]
    [InlineData(1, 0, "all group/1 user/42")]
    [InlineData(0, 2, "all channel/2 user/42")]
    [InlineData(1, 2, "all channel/2 group/1 room/1/2 user/42")]
    public void Add_AnyPlace_IsInTheTopicsOfIt(long group, long channel, string topics)
    {
        _index.Add(new RecordingRecipient(42, group, channel));

        Assert.Equal(topics, Occupied());
    }

    [Theory]
    [InlineData(0, 0, "all lobby user/42")]
    [InlineData(1, 0, "all group/1 user/42")]
    [InlineData(1, 3, "all channel/3 group/1 room/1/3 user/42")]
    [InlineData(3, 3, "all channel/3 group/3 room/3/3 user/42")]
    public void Move_ToAnotherPlace_LeavesTheTopicsOfTheOld(long group, long channel, string topics)
    {
        var connection = new RecordingRecipient(42, 1, 2);
        var places = _index.Add(connection);

        (connection.GroupId, connection.ChannelId) = (group, channel);
        _index.Move(connection, places);

        Assert.Equal(topics, Occupied());
    }

    // Regression test: a member whose group alone had changed left the topic of its channel and joined it again. A signal in between was counted for
    // every other member, and never reached this one. A member moves here while signals are published.
    [Fact]
    public async Task Move_WithinAChannelWhileSignalsCome_MissesNone()
    {
        var connection = new RecordingRecipient(42, 1, 2);
        var places = _index.Add(connection);
        var (hasStarted, isOver) = (new ManualResetEventSlim(), false);
        var missed = 0;
        const int Signals = 20_000;

        await Threads.RunAsync(
            () =>
            {
                for (var moves = 0L; !Volatile.Read(ref isOver); moves++)
                {
                    connection.GroupId = 1 + (moves % 2);
                    places = _index.Move(connection, places);
                    hasStarted.Set();
                }

                return Task.CompletedTask;
            },
            () =>
            {
                hasStarted.Wait(Deadline.Default);
                for (var i = 0; i < Signals; i++)
                {
                    missed += 1 - _index.Publish(Topic.Channel(2), new Target(0, 2, 0), "x"u8);
                }

                Volatile.Write(ref isOver, true);
                return Task.CompletedTask;
            });

        Assert.Equal(0, missed);
        await Deadline.UntilAsync($"{Signals} signals", () => connection.Count == Signals, actual: () => $"{connection.Count} have come");
    }

    [Fact]
    public void Exit_AfterMoves_LeavesNothingBehind()
    {
        var connection = new RecordingRecipient(42);
        var places = _index.Add(connection);
        foreach (var (group, channel) in new (long, long)[] { (1, 2), (1, 2), (1, 0), (0, 2), (0, 0), (3, 4) })
        {
            (connection.GroupId, connection.ChannelId) = (group, channel);
            places = _index.Move(connection, places);
        }

        _index.Remove(connection, places);

        Assert.Equal(("", 0), (Occupied(), _index.TopicCount));
    }

    [Fact]
    public void Exit_OneOfTwo_LeavesTheOther()
    {
        var (one, two) = (new RecordingRecipient(42, 1, 2), new RecordingRecipient(42, 1, 2));
        var places = _index.Add(one);
        _index.Add(two);

        _index.Remove(one, places);

        Assert.Equal((1, 1, 1), (Publish(Topic.Room(1, 2)), Publish(Topic.User(42)), Publish(Topic.All)));
    }

    [Theory]
    [InlineData(TopicKind.User)]
    [InlineData(TopicKind.Group)]
    [InlineData(TopicKind.All)]
    public async Task ReadyAsync_TopicThatNobodyIsIn_CompletesAtOnce(TopicKind kind)
    {
        await Deadline.RunAsync("ready", token => _index.ReadyAsync(new Topic(kind, 99), token));
    }

    [Fact]
    public async Task ReadyAsync_BusyRoom_WaitsForThatRoomAlone()
    {
        using var gate = new Gate();
        _index.Add(new RecordingRecipient(1, 1, 2) { OnSend = gate.Pass });
        Publish(Topic.Room(1, 2), "held");
        await gate.ReachedAsync("the drainer");
        Publish(Topic.Room(1, 2), new string('x', 2 * 1024 * 1024));

        var (busy, others) = (ReadyAsync(Topic.Room(1, 2)), ReadyAsync(Topic.Group(1)));

        Assert.Equal((false, true), (busy.IsCompleted, others.IsCompletedSuccessfully));
        gate.Open();
        await Deadline.RunAsync("room", token => new ValueTask(busy.WaitAsync(token)));
    }

    // Covers known errors of such designs: a topic retires while a connection joins it, which then is in a log without publishers, or a retired log
    // stays in the dictionary forever. Several threads add and remove connections of a few topics while others publish.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EnterMoveExit_FromManyThreadsOverFewTopics_LeavesNothingBehind(int seed)
    {
        const int Comers = 3;
        var coming = Comers;
        var errors = new List<string>();

        await Threads.RunAsync(Comers + 1, thread =>
        {
            var random = new Random((seed * 10) + thread);
            if (thread == Comers)
            {
                while (Volatile.Read(ref coming) > 0)
                {
                    Publish(AnyTopic(random));
                }

                return;
            }

            for (var round = 0; round < 4_000; round++)
            {
                var connection = new RecordingRecipient(random.Next(1, 3), random.Next(0, 2), random.Next(0, 2));
                var places = _index.Add(connection);
                for (var moves = random.Next(0, 3); moves > 0; moves--)
                {
                    (connection.GroupId, connection.ChannelId) = (random.Next(0, 2), random.Next(0, 2));
                    places = _index.Move(connection, places);
                }

                // While the connection is added, a signal to its room or its user reaches at least this connection.
                var room = Topic.For(new Target(connection.GroupId, connection.ChannelId, 0));
                if (Publish(room) == 0 || Publish(Topic.User(connection.UserId)) == 0)
                {
                    lock (errors)
                    {
                        errors.Add($"seed {seed}, thread {thread}, round {round}: not in {connection.GroupId},{connection.ChannelId}");
                    }
                }

                _index.Remove(connection, places);
            }

            Interlocked.Decrement(ref coming);
        });

        Assert.Empty(errors);
        await Deadline.UntilAsync("every topic's retirement", () => _index.TopicCount == 0, actual: () => $"{_index.TopicCount} topics left");
        Assert.Equal("", Occupied());
    }

    [Fact]
    public async Task Add_AfterEveryoneHasLeft_TheTopicsAreThereAgain()
    {
        for (var round = 0; round < 200; round++)
        {
            var connection = new RecordingRecipient(42, 1, 2);
            var places = _index.Add(connection);
            Publish(Topic.Room(1, 2), $"{round}");

            // Often the drainer of the last round is still running.
            await Deadline.UntilAsync($"round {round}", () => round % 2 == 0 || connection.Texts is [_]);
            _index.Remove(connection, places);
        }

        await Deadline.UntilAsync("every topic's retirement", () => _index.TopicCount == 0, actual: () => $"{_index.TopicCount} topics left");
    }

    private static Topic AnyTopic(Random random) => random.Next(0, 5) switch
    {
        0 => Topic.All,
        1 => Topic.User(random.Next(1, 3)),
        2 => Topic.Group(1),
        3 => Topic.Channel(1),
        _ => Topic.Room(1, 1),
    };

    private Task ReadyAsync(Topic topic) => _index.ReadyAsync(topic, CancellationToken.None).AsTask();

    private int Publish(Topic topic, string text = "x") =>
        _index.Publish(topic, topic.Kind is TopicKind.User ? new Target(0, 0, topic.Id) : default, Encoding.UTF8.GetBytes(text));

    // Returns the topics of these tests that have members.
    private string Occupied()
    {
        Topic[] topics =
        [
            Topic.All, Topic.Lobby, Topic.User(1), Topic.User(2), Topic.User(42),
            Topic.Group(1), Topic.Group(3), Topic.Channel(1), Topic.Channel(2), Topic.Channel(3),
            Topic.Room(1, 1), Topic.Room(1, 2), Topic.Room(1, 3), Topic.Room(3, 3), Topic.Room(0, 0), Topic.Room(1, 0), Topic.Room(0, 2),
        ];
        return string.Join(' ', topics.Where(topic => Publish(topic) > 0).Select(topic => topic.ToString()).Order(StringComparer.Ordinal));
    }
}
