using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Topics;

public sealed class SubscribersTests
{
    private readonly FakeLink _a = new("a");
    private readonly FakeLink _b = new("b");
    private readonly Subscribers _subscribers = new();

    [Fact]
    public void MayWant_Incomplete_IsEveryone()
    {
        _subscribers.Apply(_a.Id, isWanted: false, 1);

        Assert.True(_subscribers.MayWant(_a));
        Assert.True(_subscribers.MayWant(_b));
    }

    [Fact]
    public void MayWant_Complete_IsWhoSaidSo()
    {
        _subscribers.Apply(_a.Id, isWanted: true, 1);
        _subscribers.IsComplete = true;

        Assert.True(_subscribers.MayWant(_a));
        Assert.False(_subscribers.MayWant(_b));
    }

    [Theory]
    [InlineData(true, 5, false, 6, false)]
    [InlineData(true, 6, false, 5, true)]
    [InlineData(false, 5, true, 6, true)]
    [InlineData(false, 6, true, 5, false)]
    [InlineData(true, 5, true, 5, true)]
    [InlineData(true, 5, false, 5, true)]
    [InlineData(false, 5, true, 5, true)]
    public void Apply_Twice_TheHigherNumberCounts(bool first, long firstNumber, bool second, long secondNumber, bool expected)
    {
        _subscribers.Apply(_a.Id, first, firstNumber);
        _subscribers.Apply(_a.Id, second, secondNumber);

        Assert.Equal(expected, _subscribers.IsWanted);
    }

    [Fact]
    public void Apply_OneGateway_SaysNothingAboutAnother()
    {
        _subscribers.Apply(_a.Id, isWanted: true, 1);
        _subscribers.Apply(_b.Id, isWanted: false, 2);
        _subscribers.IsComplete = true;

        Assert.True(_subscribers.MayWant(_a));
        Assert.False(_subscribers.MayWant(_b));
    }

    [Fact]
    public void KeepOnly_GatewayIsGone_IsForgotten()
    {
        _subscribers.Apply(_a.Id, isWanted: true, 1);
        _subscribers.Apply(_b.Id, isWanted: false, 1);

        _subscribers.KeepOnly([_b]);

        Assert.False(_subscribers.IsWanted);
    }

    [Fact]
    public void KeepOnly_GatewayLives_IsKept()
    {
        _subscribers.Apply(_a.Id, isWanted: true, 1);
        _subscribers.Apply(_b.Id, isWanted: false, 1);

        _subscribers.KeepOnly([_a]);

        Assert.True(_subscribers.IsWanted);
    }
}
