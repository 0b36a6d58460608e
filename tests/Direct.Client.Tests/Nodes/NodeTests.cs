using Direct.Testing.Time;

namespace Direct.Client.Tests.Nodes;

/// <summary>Tests both clients against a real node.</summary>
public sealed class NodeTests
{
    private static readonly DirectRoom Room = new(7, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signals_ToAConnection_ArriveAndAreCounted()
    {
        await using var node = await ClientNode.StartAsync();
        await using var connection = await ConnectAsync(node, Room, new(7, 2));
        var signals = node.Signals(others: new Uri("http://127.0.0.1:9")); // where nothing listens

        var receipt = await signals.SignalAsync(DirectPart.ForGroup(7), "to the group", "once", Cancellation);
        var repeat = await signals.SignalAsync(DirectPart.ForGroup(7), "to the group", "once", Cancellation);
        var receipts = await signals.SignalAllAsync([new(Room.Part, "to the room"), new(new(0, 0, connection.User!.Value), "tö the user"), new(new(8, 0, 0), "to nobody")], Cancellation);
        var users = await signals.UsersAsync(DirectPart.ForGroup(7), cancellationToken: Cancellation).ToListAsync(Cancellation);
        var count = await signals.CountAsync(DirectPart.Everyone, Cancellation);

        Assert.Equal((200, 1, 1, "once"), (receipt.Status, receipt.Delivered, receipt.Gateways, receipt.Id));
        Assert.Equal(receipt.Delivered, repeat.Delivered);
        Assert.Equal([1, 1, 0], receipts.Select(each => each.Delivered));
        Assert.Equal([new(connection.User.Value, 7, 1, 1), new(connection.User.Value, 7, 2, 1)], users);
        Assert.Equal((1, 1, 1, true), (count.Connections, count.Users, count.Gateways, count.IsComplete));
        Assert.Equal(
            new HashSet<DirectMessage> { new(DirectPart.ForGroup(7), "to the group"), new(Room.Part, "to the room"), new(DirectPart.ForUser(connection.User.Value), "tö the user") },
            [await ReadAsync<DirectMessage>(connection), await ReadAsync<DirectMessage>(connection), await ReadAsync<DirectMessage>(connection)]); // topics have no order among themselves
    }

    [Fact]
    public async Task Signal_WithAnotherKeyOrAUsedId_ThrowsWhatTheNodeSays()
    {
        await using var node = await ClientNode.StartAsync();
        var wrongKey = await Assert.ThrowsAsync<DirectException>(() => node.Signals("another-key-that-is-wrong").SignalAsync(Room.Part, "hello", cancellationToken: Cancellation));
        await node.Signals().SignalAsync(Room.Part, "hello", "used", Cancellation);

        var usedId = await Assert.ThrowsAsync<DirectException>(() => node.Signals().SignalAsync(Room.Part, "another", "used", Cancellation));
        var tooLong = await Assert.ThrowsAsync<DirectException>(() => node.Signals().SignalAsync(Room.Part, new string('x', 70_000), cancellationToken: Cancellation));

        Assert.Equal((401, 409, 413), (wrongKey.Status, usedId.Status, tooLong.Status));
        Assert.Equal(0, usedId.Delivered);
        Assert.All([wrongKey, usedId, tooLong], exception => Assert.NotEmpty(exception.Detail!));
    }

    [Fact]
    public async Task Batch_OverTheLimitOfTheNode_IsSplit()
    {
        await using var node = await ClientNode.StartAsync();

        var receipts = await node.Signals().SignalAllAsync(Enumerable.Range(0, 2500).Select(i => new DirectSignal(Room.Part, $"{i}", $"id-{i}")), Cancellation);

        Assert.Equal(Enumerable.Range(0, 2500).Select(i => ($"id-{i}", 200)), receipts.Select(receipt => (receipt.Id, receipt.Status)));
    }

    [Fact]
    public async Task Say_ToARoom_ReachesItsMembersAndTheSender()
    {
        await using var node = await ClientNode.StartAsync();
        await using var sender = await ConnectAsync(node, Room);
        await using var member = await ConnectAsync(node, new(7, 2), Room);

        await sender.SayAsync(Room, "hello\nall", cancellationToken: Cancellation);

        Assert.Equal([new(Room.Part, "hello\nall"), new(Room.Part, "hello\nall")], [await ReadAsync<DirectMessage>(sender), await ReadAsync<DirectMessage>(member)]);
    }

    [Fact]
    public async Task Node_KilledAndStartedAgain_IsResumedWithAGapAndDeliversWhatWasSaidMeanwhileOnce()
    {
        await using var node = await ClientNode.StartAsync();
        await using var connection = await ConnectAsync(node, Room, new(7, 2));
        var signals = node.Signals();
        await node.KillAsync();
        await ReadAsync<DirectStateChange>(connection, change => change.State == DirectConnectionState.Reconnecting);
        var said = connection.SayAsync(Room, "said while nobody listened", cancellationToken: Cancellation);
        var signal = signals.SignalAsync(DirectPart.ForRoom(7, 3), "to nobody", cancellationToken: Cancellation);
        Assert.False(said.IsCompleted || signal.IsCompleted);

        await node.StartAgainAsync();
        await Task.WhenAll(said, signal);
        await signals.SignalAsync(Room.Part, "last", cancellationToken: Cancellation);

        var events = await ReadUntilAsync(connection, happened => happened is DirectMessage { Text: "last" });
        Assert.Equal(["said while nobody listened", "last"], events.OfType<DirectMessage>().Select(message => message.Text));
        var gap = events.IndexOf(new DirectGap(Room.Part));
        Assert.InRange(gap, 0, events.FindIndex(happened => happened is DirectMessage) - 1);
        Assert.Contains(new DirectGap(DirectPart.ForRoom(7, 2)), events);
    }

    [Fact]
    public async Task Say_WhileItsConnectionIsCutAgainAndAgain_ArrivesOnceAndInOrder()
    {
        await using var node = await ClientNode.StartAsync();
        await using var proxy = new CuttingProxy(node.Url.Port);
        await using var member = await ConnectAsync(node, Room);
        await using var sender = await ConnectAsync(ClientNode.Connection(new Uri($"ws://127.0.0.1:{proxy.Port}/!direct"), Room), Room);
        var received = new List<string>();

        foreach (var text in Enumerable.Range(1, 60).Select(i => $"{i}"))
        {
            var said = sender.SayAsync(Room, text, cancellationToken: Cancellation);
            if (text.EndsWith('0'))
            {
                await ReceiveUntilAsync(text); // the node has it, and its confirmation is under way
                proxy.Cut();
            }

            await Deadline.RunAsync($"the confirmation of {text}", async cancellationToken => await said.WaitAsync(cancellationToken));
        }

        await sender.SayAsync(Room, "last", cancellationToken: Cancellation);
        await ReceiveUntilAsync("last");
        Assert.Equal([.. Enumerable.Range(1, 60).Select(i => $"{i}"), "last"], received);

        async Task ReceiveUntilAsync(string text) => received.AddRange(
            (await ReadUntilAsync(member, happened => happened is DirectMessage message && message.Text == text)).OfType<DirectMessage>().Select(message => message.Text));
    }

    [Fact]
    public async Task Close_ByABackend_IsObeyed()
    {
        await using var node = await ClientNode.StartAsync();
        await using var comesBack = await ConnectAsync(node, Room);
        await using var staysAway = await ConnectAsync(node, new DirectRoom(7, 2));

        var reload = await node.Signals().CloseAsync(Room.Part, 4400, "reload", Cancellation);
        var ban = await node.Signals().CloseAsync(DirectPart.ForRoom(7, 2), 4999, "banned", Cancellation);

        Assert.Equal((1, 1), (reload.Closed, ban.Closed));
        await ReadAsync<DirectStateChange>(comesBack, change => change is { State: DirectConnectionState.Reconnecting, Code: 4400, Reason: "reload" });
        await ReadAsync<DirectStateChange>(comesBack, change => change.State == DirectConnectionState.Connected);
        await ReadAsync<DirectStateChange>(staysAway, change => change is { State: DirectConnectionState.Closed, Code: 4999, Reason: "banned" });
    }

    [Fact]
    public async Task Node_WithoutDirect2_IsSpokenToInTheOriginalDialect()
    {
        await using var node = await ClientNode.StartAsync("Direct:Connections:Direct2=false");
        await using var connection = await ConnectAsync(node, Room);
        await Deadline.UntilAsync("the join", async () => (await node.Signals().CountAsync(Room.Part, Cancellation)).Connections == 1);

        await connection.SayAsync(Room, "hello", cancellationToken: Cancellation);
        await node.Signals().SignalAsync(Room.Part, "signal", cancellationToken: Cancellation);

        Assert.Equal([new(null, "hello"), new(null, "signal")], [await ReadAsync<DirectMessage>(connection), await ReadAsync<DirectMessage>(connection)]);
    }

    private static Task<DirectConnection> ConnectAsync(ClientNode node, params DirectRoom[] rooms) => ConnectAsync(ClientNode.Connection(node.Url, rooms), rooms);

    private static async Task<DirectConnection> ConnectAsync(DirectConnection connection, params DirectRoom[] rooms)
    {
        await Deadline.RunAsync("a connection", async cancellationToken =>
        {
            await connection.StartAsync(cancellationToken);
            foreach (var room in rooms)
            {
                await connection.JoinAsync(room, cancellationToken);
            }
        });
        return connection;
    }

    private static async Task<T> ReadAsync<T>(DirectConnection connection, Func<T, bool>? matches = null)
        where T : DirectEvent => (T)(await ReadUntilAsync(connection, happened => happened is T found && (matches?.Invoke(found) ?? true)))[^1];

    private static Task<List<DirectEvent>> ReadUntilAsync(DirectConnection connection, Func<DirectEvent, bool> isLast) => Deadline.RunAsync("an event", async cancellationToken =>
    {
        var events = new List<DirectEvent>();
        await foreach (var happened in connection.ReadAllAsync(cancellationToken))
        {
            events.Add(happened);
            if (isLast(happened))
            {
                break;
            }
        }

        return events;
    });
}
