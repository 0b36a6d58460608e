using Direct.Client.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Connections;

/// <summary>What a connection sends when it connects, and connects again.</summary>
public sealed class ResumeTests
{
    private static readonly DirectRoom Room = new(7, 1);

    [Fact]
    public async Task Start_WithRooms_SendsTokenAndRoomsInOneMessage()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(new(7, 1), new(7, 0), new(7, 1)));

        var peer = await test.Gateway.WelcomeAsync(user: -3);
        await test.Started;

        Assert.Equal(["auth token", "join 7,1 #1", "join 7,0 #2"], peer.FirstLines);
        Assert.Equal((DirectConnectionState.Connected, -3), (test.Connection.State, test.Connection.User));
    }

    [Fact]
    public async Task Reconnect_AfterMessages_NamesTheLastPositionOfEachTopicItNeeds()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room, new(7, 2)));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("at 7,0,0 a1", "gap 7,1,0 b0", "at 7,1,0 b1", "at 0,1,0 c1", "at 7,2,0 d1", "at 0,0,0 e1", "at 0,0,42 f1", "7,1,0 b2\nhello", "0,0,42 f2\nyou", "7,1,0 b3\n");
        await test.ReadUntilAsync(happened => happened is DirectMessage { Text: "" });
        await peer.CloseAsync(4001);

        var again = await test.Gateway.WelcomeAsync();

        Assert.Equal("auth token", again.FirstLines[0]);
        Assert.Equal(
            ["since 0,0,0 e1", "since 0,0,42 f2", "since 0,1,0 c1", "since 7,0,0 a1", "since 7,1,0 b3", "since 7,2,0 d1"],
            again.FirstLines.Where(line => line.StartsWith("since", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(["join 7,1", "join 7,2"], again.FirstLines.Where(line => line.StartsWith("join", StringComparison.Ordinal)).Select(line => line.Split(" #")[0]));
        Assert.Equal(9, again.FirstLines.Length);
    }

    [Fact]
    public async Task Reconnect_AfterARoomWasLeft_NamesOnlyTheTopicsOfTheOthers()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room, new(7, 2)));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("at 7,0,0 a1", "at 7,1,0 b1", "at 0,1,0 c1", "at 7,2,0 d1", "at 0,0,0 e1", "7,2,0 d2\nread");
        await test.ReadAsync<DirectMessage>();
        var left = test.Connection.LeaveAsync(Room, TestContext.Current.CancellationToken);
        var (line, reference) = await peer.ReceiveWithRefAsync();
        await peer.SendAsync($"left 7,1 #{reference}");
        await left;
        await peer.CloseAsync(4001);

        var again = await test.Gateway.WelcomeAsync();

        Assert.Equal("leave 7,1", line);
        Assert.Equal(
            ["since 0,0,0 e1", "since 7,0,0 a1", "since 7,2,0 d2"], again.FirstLines.Where(each => each.StartsWith("since", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(again.FirstLines, each => each.StartsWith("join 7,1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnect_AsAnotherUser_ForgetsTheTopicOfTheFormerOne()
    {
        await using var test = new ConnectionUnderTest();
        var peer = await test.Gateway.WelcomeAsync(user: 42);
        await peer.SendAsync("at 0,0,42 f1", "0,0,42 f2\nread");
        await test.ReadAsync<DirectMessage>();
        await peer.CloseAsync(4009);
        var other = await test.Gateway.WelcomeAsync(user: 43);
        await other.SendAsync("at 0,0,43 g1", "0,0,43 g2\nread");
        await test.ReadAsync<DirectMessage>();
        await other.CloseAsync(4009);

        var again = await test.Gateway.WelcomeAsync(user: 43);

        Assert.Equal(["auth token", "since 0,0,42 f2"], other.FirstLines);
        Assert.Equal(["auth token", "since 0,0,43 g2"], again.FirstLines);
    }

    [Fact]
    public async Task Events_OfAReconnect_ComeInTheirOrder()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("at 7,1,0 b1", "something new", "7,1,0 b2\ntwo\nlines");
        await peer.CloseAsync(4001, "gateway draining");
        var again = await test.Gateway.WelcomeAsync();
        await again.SendAsync("gap 7,1,0 b9", "7,1,0 b10\nafter");
        await again.CloseAsync(4501, "user blocked");

        Assert.Equal(
            [
                new DirectStateChange(DirectConnectionState.Connected),
                new DirectMessage(Room.Part, "two\nlines"),
                new DirectStateChange(DirectConnectionState.Reconnecting, 4001, "gateway draining"),
                new DirectStateChange(DirectConnectionState.Connected),
                new DirectGap(Room.Part),
                new DirectMessage(Room.Part, "after"),
                new DirectStateChange(DirectConnectionState.Closed, 4501, "user blocked"),
            ],
            await test.ReadToEndAsync());
    }

    [Fact]
    public async Task Token_OfEveryAttempt_IsAskedForAgain()
    {
        var tokens = new Queue<string?>(["one", null, "two"]);
        await using var test = new ConnectionUnderTest(options => options.TokenProvider = (_, _) => tokens.Dequeue() is { } token ? ValueTask.FromResult(token) : throw new InvalidOperationException("no token now"));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.CloseAsync(4009);

        var again = await test.Gateway.WelcomeAsync();

        Assert.Equal(("auth one", "auth two"), (peer.First, again.First));
        await test.ReadUntilAsync(happened => happened is DirectStateChange { Reason: { } reason } && reason.Contains("no token now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnect_WithMoreRoomsThanAFirstMessageMayHave_JoinsTheOthersAfterwards()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options =>
        {
            options.TimeProvider = time;
            options.Rooms.Add([.. Enumerable.Range(1, 120).Select(channel => new DirectRoom(7, channel))]);
        });
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;

        var joins = peer.FirstLines[1..].ToList();
        for (var i = 0; i < 15; i++)
        {
            joins.Add(await peer.ReceiveAsync());
        }

        var next = peer.ReceiveAsync();
        await Deadline.UntilAsync("a pause", () => time.ArmedTimers == 1); // gateways allow 20 joins at once, and 10 a second
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        joins.Add(await next);
        joins.AddRange([await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync(), await peer.ReceiveAsync()]);

        Assert.Equal(101, peer.FirstLines.Length);
        Assert.Equal(Enumerable.Range(1, 120).Select(channel => $"join 7,{channel}"), joins.Select(line => line.Split(" #")[0]));
    }

    [Fact]
    public async Task Reconnect_AfterTooManyLines_SendsTheTokenAloneAndJoinsAfterwards()
    {
        await using var test = new ConnectionUnderTest(options => options.Rooms.Add(Room, new(7, 2)));
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync("at 7,1,0 b1", "at 0,0,0 e1", "7,1,0 b2\nread");
        await test.ReadAsync<DirectMessage>();
        await peer.CloseAsync(4007);

        var again = await test.Gateway.WelcomeAsync();
        string[] joins = [await again.ReceiveAsync(), await again.ReceiveAsync()];
        await again.CloseAsync(4001);
        var last = await test.Gateway.WelcomeAsync();

        Assert.Equal(["auth token", "since 0,0,0 e1"], again.FirstLines);
        Assert.Equal(["since 7,1,0 b2\njoin 7,1", "join 7,2"], joins.Select(join => join.Split(" #")[0]));
        Assert.Equal(5, last.FirstLines.Length);
    }

    [Fact]
    public async Task Joins_WithPositions_StayBelowTheRateOfLines()
    {
        var time = new ManualTimeProvider();
        DirectRoom[] rooms = [.. Enumerable.Range(1, 15).Select(i => new DirectRoom(i, i))];
        await using var test = new ConnectionUnderTest(options =>
        {
            options.TimeProvider = time;
            options.Rooms.Add(rooms);
        });
        var peer = await test.Gateway.WelcomeAsync();
        await peer.SendAsync([.. rooms.SelectMany(room => new[] { $"at {room},0 x", $"at {room.Group},0,0 y", $"at 0,{room.Channel},0 z" }), "0,0,0 x\nread"]);
        await test.ReadAsync<DirectMessage>();
        await peer.CloseAsync(4007);
        var again = await test.Gateway.WelcomeAsync();

        for (var i = 0; i < 14; i++)
        {
            Assert.Equal(4, (await again.ReceiveAsync()).Split('\n').Length);
        }

        var last = again.ReceiveAsync();
        await Deadline.UntilAsync("a pause", () => time.ArmedTimers == 1); // 57 lines of 60 were sent
        Assert.False(last.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(25));
        await last;
    }

    [Fact]
    public async Task Token_AfterTheSessionHasEnded_IsAskedForAsExpired()
    {
        var requests = new List<bool>();
        await using var test = new ConnectionUnderTest(options => options.TokenProvider = (request, _) =>
        {
            requests.Add(request.IsExpired);
            return ValueTask.FromResult("token");
        });

        await (await test.Gateway.WelcomeAsync()).CloseAsync(4009);
        await (await test.Gateway.WelcomeAsync()).CloseAsync(4001);
        await test.Gateway.WelcomeAsync();

        Assert.Equal([false, true, false], requests);
    }

    [Fact]
    public async Task Reconnect_AsAnAnonymousUser_AsksForAFreshTokenOnce()
    {
        var requests = new List<bool>();
        await using var test = new ConnectionUnderTest(options => options.TokenProvider = (request, _) =>
        {
            requests.Add(request.IsExpired);
            return ValueTask.FromResult("token");
        });
        await (await test.Gateway.WelcomeAsync(user: 42)).CloseAsync(4001);

        await test.Gateway.WelcomeAsync(user: -3);
        var last = await test.Gateway.WelcomeAsync(user: -3);
        await last.SendAsync("0,0,0 x\nread");
        await test.ReadAsync<DirectMessage>();

        Assert.Equal([false, false, true], requests);
        Assert.Equal(-3, test.Connection.User);
    }

    [Fact]
    public async Task Token_ThatNeverComes_IsAskedForAgainAfterTheConnectTimeout()
    {
        var time = new ManualTimeProvider();
        var never = new TaskCompletionSource<string>();
        var tokens = new Queue<Task<string>>([never.Task, Task.FromResult("two")]);
        await using var test = new ConnectionUnderTest(options => (options.TimeProvider, options.TokenProvider) = (time, (_, _) => new(tokens.Dequeue())));
        await Deadline.UntilAsync("an attempt", () => time.ArmedTimers == 1);

        time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal("auth two", (await test.Gateway.WelcomeAsync()).First);
    }

    [Theory]
    [InlineData("one\njoin 7,1")]
    [InlineData(null)]
    public async Task Token_ThatIsNotALine_IsNotSent(string? token)
    {
        var tokens = new Queue<string>([token!, "two"]);
        await using var test = new ConnectionUnderTest(options => options.TokenProvider = (_, _) => ValueTask.FromResult(tokens.Dequeue()));

        var peer = await test.Gateway.WelcomeAsync();

        Assert.Equal("auth two", peer.First);
    }
}
