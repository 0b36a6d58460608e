using Direct.Edge.Backplane;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Publishing;

public sealed class ClusterReceiptTests
{
    private static readonly SignalReceipt Two = new(DeliveryStatus.Delivered, 2, 1);

    private readonly ClusterReceipt _receipt = new();

    [Fact]
    public void New_NothingIsKnown()
    {
        Assert.False(_receipt.Accepted.IsCompleted);
        Assert.False(_receipt.Completion.IsCompleted);
        Assert.Equal(default, _receipt.SoFar(out var pending));
        Assert.Empty(pending);
    }

    [Fact]
    public void Accept_SomePending_IsAcceptedAndNamesThem()
    {
        _receipt.Accept(Two, ["g2"]);

        Assert.True(_receipt.Accepted.IsCompleted);
        Assert.False(_receipt.Completion.IsCompleted);
        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 2, 1), _receipt.SoFar(out var pending));
        Assert.Equal(["g2"], pending);
    }

    [Fact]
    public async Task Accept_NobodyPending_IsFinal()
    {
        _receipt.Accept(Two, ["g2"]);
        _receipt.Accept(new SignalReceipt(DeliveryStatus.Delivered, 5, 2), []);
        _receipt.Accept(default, []);

        Assert.Equal(new Receipt(ReceiptStatus.Delivered, 5, 2), await _receipt.Completion);
    }

    [Fact]
    public async Task TryGiveUp_NeverAccepted_SaysSo()
    {
        Assert.True(_receipt.TryGiveUp());

        Assert.True(_receipt.IsGivenUp);
        Assert.True(_receipt.Accepted.IsCompleted);
        Assert.Equal(ReceiptStatus.NotAccepted, (await _receipt.Completion).Status);
    }

    [Fact]
    public void TryGiveUp_Accepted_ChangesNothing()
    {
        _receipt.Accept(Two, ["g2"]);

        Assert.False(_receipt.TryGiveUp());

        Assert.False(_receipt.IsGivenUp);
        Assert.False(_receipt.Completion.IsCompleted);
    }

    [Fact]
    public async Task Accept_GivenUpBefore_StaysGivenUp()
    {
        _receipt.TryGiveUp();

        _receipt.Accept(Two, []);

        Assert.Equal(ReceiptStatus.NotAccepted, (await _receipt.Completion).Status);
    }
}
