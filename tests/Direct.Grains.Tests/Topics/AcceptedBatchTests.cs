using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class AcceptedBatchTests
{
    private readonly FakeLink _a = new("a");
    private readonly FakeLink _b = new("b");
    private readonly AcceptedBatch _batch = new(Of(Signal(User(1), 4), Signal(User(4097), 5)), acceptedAt: 0);

    [Fact]
    public void AllExpected_NobodyExpected_IsAcknowledged()
    {
        _batch.AllExpected();

        Assert.True(_batch.IsAcknowledged);
    }

    /// <summary>An answer may come while a batch is still being accepted: then the next gateway is not expected yet.</summary>
    [Fact]
    public void Answered_BeforeAllAreExpected_IsNotTheLast()
    {
        _batch.Expect(_a);
        _batch.Answered(_a, [0, 1], []);
        Assert.False(_batch.IsAcknowledged);

        _batch.Expect(_b);
        _batch.AllExpected();

        Assert.False(_batch.IsAcknowledged);
    }

    [Fact]
    public void Answered_NotTheLast_StaysPending()
    {
        Expect(_a, _b);

        _batch.Answered(_a, [0, 1], [new(DeliveryStatus.Delivered, 1, true, 1), new(DeliveryStatus.Delivered, 0, true, 1)]);

        Assert.False(_batch.IsAcknowledged);
        Assert.Equal(["b"], _batch.Answer(Guid.Empty, Guid.Empty).Pending);
    }

    [Fact]
    public void Answered_PartOfTheBatch_CountsForTheSignalsItWasSent()
    {
        Expect(_a, _b);

        _batch.Answered(_a, [1], [new(DeliveryStatus.Delivered, 2, true, 1)]);
        _batch.Answered(_b, [0, 1], [new(DeliveryStatus.Delivered, 0, false, 1), new(DeliveryStatus.Delivered, 3, true, 1)]);

        Assert.True(_batch.IsAcknowledged);
        Assert.Equal(
            [new SignalReceipt(DeliveryStatus.Delivered, 0, 0), new SignalReceipt(DeliveryStatus.Delivered, 5, 2)], _batch.Answer(Guid.Empty, Guid.Empty).Receipts);
    }

    [Fact]
    public void Answered_GatewayIsGone_CountsNothing()
    {
        Expect(_a);

        _batch.Answered(_a, [0, 1], []);

        Assert.True(_batch.IsAcknowledged);
        Assert.Equal([default, default], _batch.Answer(Guid.Empty, Guid.Empty).Receipts);
    }

    [Fact]
    public void Answer_Taken_DoesNotChangeAfterwards()
    {
        Expect(_a);
        var answer = _batch.Answer(Guid.Empty, Guid.Empty);

        _batch.Answered(_a, [0, 1], [new(DeliveryStatus.Delivered, 2, true, 1), new(DeliveryStatus.Delivered, 2, true, 1)]);

        Assert.Equal([default, default], answer.Receipts);
        Assert.Equal(["a"], answer.Pending);
    }

    private void Expect(params FakeLink[] gateways)
    {
        Array.ForEach(gateways, _batch.Expect);
        _batch.AllExpected();
    }
}
