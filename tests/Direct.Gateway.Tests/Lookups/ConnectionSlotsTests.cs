using Direct.Gateway.Lookups;

namespace Direct.Gateway.Tests.Lookups;

public sealed class ConnectionSlotsTests : IDisposable
{
    private readonly ConnectionSlots _slots = new(4);

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task TryRemove_WithOthersInUse_LeavesAsManyAsThose()
    {
        await TakeAsync(3);

        Assert.True(_slots.TryRemove());

        Assert.Equal(2, _slots.Count);
        Assert.False(Wait().IsCompleted);
    }

    [Fact]
    public async Task TryRemove_OfTheLast_LeavesItToTheCaller()
    {
        await TakeAsync(1);

        Assert.False(_slots.TryRemove());

        Assert.Equal(1, _slots.Count);
        Assert.False(Wait().IsCompleted);
    }

    [Fact]
    public async Task Release_WithSomebodyWaiting_IsThatOnes()
    {
        await TakeAsync(2);
        Assert.True(_slots.TryRemove());
        var waiting = Wait();

        _slots.Release();

        await waiting.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(Wait().IsCompleted);
    }

    [Fact]
    public async Task Restore_AfterRemovals_AddsOneAtATimeUpToTheFirstCount()
    {
        await TakeAsync(1);
        _slots.TryRemove();

        _slots.Restore();
        Assert.Equal(2, _slots.Count);
        await Wait();
        Assert.False(Wait().IsCompleted);

        for (var i = 0; i < 10; i++)
        {
            _slots.Restore();
        }

        Assert.Equal(4, _slots.Count);
    }

    private Task Wait() => _slots.WaitAsync(TestContext.Current.CancellationToken);

    private async Task TakeAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Wait();
        }
    }
}
