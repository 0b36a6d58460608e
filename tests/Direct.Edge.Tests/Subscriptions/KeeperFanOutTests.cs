using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Subscriptions;

/// <summary>Tests signals with an id on a keeper: the cache decides for the original dialect, and the place in the log for <c>direct.2</c>.</summary>
public sealed class KeeperFanOutTests : IDisposable
{
    private const long Epoch = 9;

    private static readonly Topic User = Topic.User(42);

    private readonly TestGateway _gateway = new() { IsClustered = true, Keep = { Role = KeepRole.Keeper }, Idempotency = { MaxRememberedIds = 1, IdempotencyWindow = TimeSpan.FromMinutes(1) } };
    private readonly RecordingRecipient _original = new(42);
    private readonly RecordingRecipient _direct2 = new(42) { SpeaksDirect2 = true };
    private readonly ISignalSink _sink;
    private readonly FollowedTopic _kept;

    public KeeperFanOutTests()
    {
        _ = _gateway.Hub;
        _gateway.Faulty.OnSubscribeKept = static _ => new TaskCompletionSource().Task;
        _gateway.Kept.HoldAll();
        _kept = (FollowedTopic)_gateway.Kept.Hold(User)!;
        _kept.Open(new LogPage { Table = EpochTable.Empty.Open(Epoch), Head = 0, First = 1, Entries = [] });
        _gateway.Index.Enter(_original);
        _gateway.Index.Enter(_direct2);
        _sink = new TopicFanOut(_gateway.Kept, _gateway.Index, new IdempotencyCache(Options.Create(_gateway.Idempotency), _gateway.Clock), _gateway.Watches);
    }

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void Deliver_AnIdAgainThroughAnotherPublisher_ReachesNobodyAndHasTheCountOfTheFirst()
    {
        var first = Deliver(1, "a", "id");

        var second = Deliver(1, "a", "id");

        Assert.Equal((2, 2), (first.Total.Connections, second.Total.Connections));
        AssertReceived(["a"], ["a"]);
    }

    [Fact]
    public void Deliver_AnIdThatWasUsedForAnotherMessage_IsRefusedAndForNobody()
    {
        Deliver(1, "a", "id");

        var refused = Deliver(2, "b", "id");
        Deliver(3, "c", null);

        Assert.Equal(new Delivery(ReceiptStatus.IdReused, 0), refused.Total);
        AssertReceived(["a", "c"], ["a", "c"]);
        Assert.Equal(new Stamp(Epoch, 3), _kept.Head);
    }

    // In docs/internals/resume.md: 37.
    [Fact]
    public void Deliver_AnIdThatCannotBeRememberedAndLaterCan_ReachesEachDialectOnce()
    {
        Deliver(1, "a", "first");

        var refused = Deliver(2, "b", "second");
        Assert.Equal(new Delivery(ReceiptStatus.IdsExhausted, 0), refused.Total);
        AssertReceived(["a"], ["a", "b"]);
        _gateway.Clock.Advance(_gateway.Idempotency.IdempotencyWindow + TimeSpan.FromSeconds(1));
        var accepted = Deliver(2, "b", "second");

        Assert.Equal(new Delivery(ReceiptStatus.Delivered, 2), accepted.Total);
        AssertReceived(["a", "b"], ["a", "b"]);
    }

    private StampedDelivery Deliver(long offset, string text, string? id)
    {
        var stamping = new Stamping(new Stamp(Epoch, offset), null, new Origin(Guid.NewGuid(), offset, Guid.Empty), 0);
        return _sink.Deliver(new Signal(User, new Target(0, 0, 42), Encoding.UTF8.GetBytes(text), id), stamping, first: null);
    }

    private void AssertReceived(string[] original, string[] direct2)
    {
        Assert.Equal(original, _original.Texts);
        Assert.Equal(direct2, _direct2.Texts.Select(static text => text.Split('\n')[1]));
    }
}
