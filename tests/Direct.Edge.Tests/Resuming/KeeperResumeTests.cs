using System.Globalization;
using System.Text;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Resuming;

/// <summary>What a client that comes back to a gateway of a cluster receives, when the leader of a log has what this gateway does not have.</summary>
public sealed class KeeperResumeTests : IDisposable
{
    private const long Epoch = 9;

    private static readonly Topic Group = Topic.Group(7);

    private readonly TestGateway _gateway = new()
    {
        IsClustered = true,
        Node = { Environment = "prod" },
        Store = new FakeSessionStore(static (token, _) => ValueTask.FromResult(new Session(SessionStatus.Known, long.Parse(token, CultureInfo.InvariantCulture)))),
        Keep = { Role = KeepRole.Keeper },
    };

    // What the leader has of the group's log. The other logs are empty.
    private readonly List<string> _log = [];

    public KeeperResumeTests()
    {
        _ = _gateway.Hub;
        _gateway.Faulty.OnSubscribeKept = kept =>
        {
            kept.Open(Page(kept.Topic, _log.Count, long.MaxValue));
            return Task.CompletedTask;
        };
        _gateway.Faulty.OnFetch = (kept, range) =>
        {
            Assert.True(kept.Extend(Page(kept.Topic, range.After, range.Through), range));
            return Task.CompletedTask;
        };
    }

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Join_WithAPositionFromAnotherGateway_BringsExactlyWhatWasMissed()
    {
        _log.AddRange(["a", "b", "c"]);

        var client = await ConnectAsync($"auth 42\nsince 7,0,0 {Text(1)}\njoin 7,0");

        Assert.Equal([$"7,0,0 {Text(2)}\nb", $"7,0,0 {Text(3)}\nc", $"at 7,0,0 {Text(3)}", "joined 7,0"], (await client.Transport.TextsAsync(5))[1..5]);
        Deliver(4, "d");
        Assert.Equal($"7,0,0 {Text(4)}\nd", (await client.Transport.TextsAsync(8))[^1]);
    }

    // The messages are on their way to this gateway when the client comes, and arrive after it.
    [Fact]
    public async Task Join_OfAClientThatIsAhead_BringsEachMessageOnce()
    {
        _log.Add("a");
        var first = await ConnectAsync("auth 42\njoin 7,0");
        _log.AddRange(["b", "c"]);

        var second = await ConnectAsync($"auth 43\nsince 7,0,0 {Text(2)}\njoin 7,0");
        await second.Transport.TextsAsync(4);
        Assert.Equal(1, _gateway.Meters.Sum("direct.gateway.resumes", "source=silo"));
        Deliver(2, "b");
        Deliver(3, "c");
        Deliver(4, "d");

        await Deadline.UntilAsync("the last message", () => Messages(first).Length == 3 && Messages(second).Length == 2);
        Assert.Equal(["b", "c", "d"], Messages(first));
        Assert.Equal(["c", "d"], Messages(second));
    }

    [Fact]
    public async Task Join_WithAPositionAboveTheHeadOfTheLeader_BringsAGap()
    {
        _log.Add("a");

        var client = await ConnectAsync($"auth 42\nsince 7,0,0 {Text(2)}\njoin 7,0");

        Assert.Equal([$"gap 7,0,0 {Text(1)}", $"at 7,0,0 {Text(1)}"], (await client.Transport.TextsAsync(3))[1..3]);
    }

    // This gateway may have lost the cluster, and another one has what the client names. A gap here would also take the client back to this gateway's head,
    // and it would receive messages twice.
    [Fact]
    public async Task Join_WhileTheLeaderDoesNotAnswer_EndsTheConnectionAfterTheTimeout()
    {
        _log.Add("a");
        _gateway.Faulty.OnFetch = static (_, _) => new TaskCompletionSource().Task;

        var client = _gateway.ConnectDirect2();
        var joining = client.SendTextAsync($"auth 42\nsince 7,0,0 {Text(2)}\njoin 7,0");
        await client.Transport.TextsAsync(1);
        await Deadline.UntilAsync("the timeout", () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return client.Connection.CloseReason is not null || client.Transport.Texts.Contains("joined 7,0");
        });

        await joining;
        Assert.Equal(CloseReason.SubscribeTimeout, client.Connection.CloseReason);
        Assert.DoesNotContain(client.Transport.Texts, static text => text.StartsWith("gap", StringComparison.Ordinal));
    }

    private static string Text(long offset)
    {
        Span<byte> text = stackalloc byte[Position.MaxBytes];
        return Encoding.ASCII.GetString(text[..Position.Write(text, new Stamp(Epoch, offset))]);
    }

    private static string[] Messages(InMemoryClient client) =>
        [.. client.Transport.Texts.Where(static text => text.Contains('\n', StringComparison.Ordinal)).Select(static text => text.Split('\n')[1])];

    private LogPage Page(Topic topic, long after, long through)
    {
        var count = topic == Group ? _log.Count : 0;
        var entries = Enumerable.Range(1, count).Where(offset => offset > after && offset <= through)
            .Select(offset => new LogEntry(offset, default, new KeptEntry(Encoding.UTF8.GetBytes(_log[offset - 1]), default)));
        return new LogPage { Table = EpochTable.Empty.Open(Epoch), Head = count, First = 1, Entries = [.. entries] };
    }

    private void Deliver(long offset, string text)
    {
        var stamping = new Stamping(new Stamp(Epoch, offset), null, new Origin(Guid.NewGuid(), offset, Guid.Empty), 0);
        _gateway.Kept.Deliver(Group, new Target(7, 0, 0), Encoding.UTF8.GetBytes(text), stamping, OriginalShare.Now);
    }

    private async Task<InMemoryClient> ConnectAsync(string first)
    {
        var client = _gateway.ConnectDirect2();
        await client.SendTextAsync(first);
        return client;
    }
}
