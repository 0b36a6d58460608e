using Direct.Edge.Backplane;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Edge.Watching;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Watching;

/// <summary>Tests what a gateway records during a live view, by its own response to the watch query.</summary>
public sealed class WatchRecorderTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Watch_Connections_AreThoseThatMatchWithTheirAgeAndQueue()
    {
        var first = await _gateway.JoinAsync(7, 1);
        await _gateway.JoinAsync(7, 2);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(3));

        var reply = Watch(new Target(7, 1, 0));

        var open = Assert.Single(reply.Watched!.Open);
        Assert.Equal((first.Connection.Id, new Target(7, 1, first.Connection.UserId), 0), (open.Id, open.Place, open.QueuedBytes));
        Assert.InRange(open.Age.TotalSeconds, 2.8, 3.2);
        Assert.Equal((1, false), (reply.Connections, reply.HasMore));
    }

    [Fact]
    public async Task Watch_MoreThanTheLimit_AreThoseWithTheLowestIds()
    {
        var clients = new List<InMemoryClient>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(await _gateway.JoinAsync(7, 1));
        }

        var reply = Watch(new Target(7, 1, 0), limit: 3);

        Assert.Equal(clients.Take(3).Select(client => client.Connection.Id), reply.Watched!.Open.Select(open => open.Id));
        Assert.Equal((5, true), (reply.Connections, reply.HasMore));
    }

    [Fact]
    public async Task Ended_ConnectionInManyRooms_IsShownWithTheFirstThatTheViewWatches()
    {
        var client = await _gateway.JoinDirect2Async("7,2", "3,9");
        Watch(new Target(7, 0, 0));
        Watch(default);

        await EndAsync(client);

        Assert.Equal(new Target(3, 9, client.Connection.UserId), Assert.Single(Watch(default).Watched!.Recent.Ended).Place);
        Assert.Equal(new Target(7, 2, client.Connection.UserId), Assert.Single(Watch(new Target(7, 0, 0)).Watched!.Recent.Ended).Place);
    }

    [Fact]
    public async Task Ended_WhileWatched_IsRecordedWithItsReasonAndLastPlace()
    {
        var client = await _gateway.JoinAsync(7, 1);
        var other = await _gateway.JoinAsync(8, 1);
        Watch(new Target(7, 0, 0));

        await EndAsync(client);
        await EndAsync(other);

        var ended = Assert.Single(Watch(new Target(7, 0, 0)).Watched!.Recent.Ended);
        Assert.Equal((client.Connection.Id, new Target(7, 1, client.Connection.UserId), "client_closed"), (ended.Id, ended.Place, ended.Reason));
    }

    [Fact]
    public async Task Ended_WhileNobodyWatches_IsNotRecorded()
    {
        var client = await _gateway.JoinAsync(7, 1);
        Watch(default);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(6));

        await EndAsync(client);

        Assert.False(_gateway.Watches.IsActive);
        Assert.Empty(Watch(default).Watched!.Recent.Ended);
    }

    [Fact]
    public void Delivered_NotAllowed_IsNotRecorded()
    {
        Watch(default, withMessages: true);

        Assert.False(_gateway.Watches.TakesMessages);
    }

    [Fact]
    public async Task Delivered_Allowed_IsRecordedAsLengthAndHashForTargetsThatMeet()
    {
        _gateway.Watching.ShowMessages = true;
        await _gateway.JoinAsync(7, 1);
        await _gateway.JoinAsync(8, 1);
        Watch(new Target(7, 0, 0), withMessages: true);

        _gateway.Signal(7, 1, 0, "hello");
        _gateway.Signal(8, 1, 0, "elsewhere");
        _gateway.Signal(9, 1, 0, "nobody");
        _gateway.Signal(0, 0, 0, "everyone");

        var delivered = Watch(new Target(7, 0, 0), withMessages: true).Watched!.Recent.Delivered;
        Assert.Equal([new Target(7, 1, 0), default], delivered.Select(message => message.Target));
        Assert.Equal((5, "2cf24dba", 1), (delivered[0].Bytes, delivered[0].Hash, delivered[0].Connections)); // the hash is that of: printf hello | sha256sum
    }

    [Fact]
    public async Task Delivered_ToAViewThatDidNotAsk_IsNotShown()
    {
        _gateway.Watching.ShowMessages = true;
        await _gateway.JoinAsync(7, 1);
        Watch(default, withMessages: true);

        _gateway.Signal(7, 1, 0, "hello");

        Assert.Empty(Watch(new Target(7, 0, 0)).Watched!.Recent.Delivered);
        Assert.Single(Watch(default, withMessages: true).Watched!.Recent.Delivered);
    }

    [Fact]
    public void Ended_OfTargetsThatNobodyWatches_DoNotReplaceThoseOfOthers()
    {
        Watch(new Target(7, 0, 0));
        _gateway.Watches.Ended(1, new RecordingRecipient(42, 7, 1), CloseReason.ClientClosed);

        for (var i = 0; i < WatchRecorder.MaxKept; i++)
        {
            _gateway.Watches.Ended(2 + i, new RecordingRecipient(43, 8, 1), CloseReason.ClientClosed);
        }

        Assert.Equal(1, Assert.Single(Watch(new Target(7, 0, 0)).Watched!.Recent.Ended).Id);
    }

    [Fact]
    public async Task Delivered_ManyInASecond_IsBounded()
    {
        _gateway.Watching.ShowMessages = true;
        await _gateway.JoinAsync(7, 1);
        var before = Watch(default, withMessages: true).Watched!.Recent.Next;

        for (var i = 0; i < 3 * WatchRecorder.MaxKept; i++)
        {
            _gateway.Signal(7, 1, 0, "hello");
        }

        var recent = Watch(default, withMessages: true).Watched!.Recent;
        Assert.InRange(recent.Next - before, 1, WatchRecorder.MaxKept);
        Assert.InRange(recent.Delivered.Count, 1, WatchRecorder.MaxKept);
    }

    [Fact]
    public void Ended_MoreThanAreKept_AreTheLatest()
    {
        Watch(default);

        for (var i = 0; i < WatchRecorder.MaxKept + 5; i++)
        {
            _gateway.Watches.Ended(i, new RecordingRecipient(), CloseReason.ClientClosed);
        }

        var ended = Watch(default).Watched!.Recent.Ended;
        Assert.Equal((WatchRecorder.MaxKept, 5, WatchRecorder.MaxKept + 4), (ended.Count, ended[0].Id, ended[^1].Id));
    }

    private static async Task EndAsync(InMemoryClient client)
    {
        await client.SendAsync(ClientFrame.Close(1000));
        await client.Ending!;
    }

    private GatewayResponse Watch(Target target, int limit = 100, bool withMessages = false) =>
        _gateway.PresenceHandler.Answer(new ClusterQuery(ClusterQueryKind.Watch, target) { Limit = limit, WithMessages = withMessages });
}
