using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Timing;

public sealed class LiveCountTests
{
    private readonly LiveCount _count = new();

    [Fact]
    public async Task WhenZero_SomeAreLeft_CompletesWithTheLast()
    {
        _count.Increment();
        _count.Increment();
        var waits = new[] { _count.WhenZero(), _count.WhenZero() };

        _count.Decrement();
        Assert.Equal((1, false, false), (_count.Value, waits[0].IsCompleted, waits[1].IsCompleted));
        _count.Decrement();

        await CompletesAsync(Task.WhenAll(waits));
    }

    [Fact]
    public async Task WhenZero_AnotherHasComeSince_IsANewTask()
    {
        _count.Increment();
        var first = _count.WhenZero();
        _count.Decrement();
        _count.Increment();
        var second = _count.WhenZero();

        await CompletesAsync(first);
        Assert.False(second.IsCompleted);
        _count.Decrement();
        await CompletesAsync(second);
    }

    [Fact]
    public void WhenZero_HasCompleted_IsCompleteUntilAnotherComes()
    {
        _count.Increment();
        _count.Decrement();

        Assert.True(_count.WhenZero().IsCompletedSuccessfully);
    }

    /// <summary>
    /// Tests a race: one thread decrements the count to zero while others increment it and wait. Every waiting thread must be notified of the last
    /// decrement.
    /// </summary>
    [Fact]
    public async Task WhenZero_AddsAndRemovalsRace_AlwaysCompletesInTheEnd()
    {
        for (var round = 0; round < 2_000; round++)
        {
            _count.Increment();
            var waits = new Task[3];

            await Threads.RunAsync(3, thread =>
            {
                if (thread == 0)
                {
                    _count.Decrement();
                }
                else
                {
                    _count.Increment();
                    waits[thread] = _count.WhenZero();
                    _count.Decrement();
                }
            });

            waits[0] = _count.WhenZero();
            Assert.Equal(0, _count.Value);
            await CompletesAsync(Task.WhenAll(waits));
        }
    }

    private static Task CompletesAsync(Task wait) => Deadline.RunAsync("zero", token => new ValueTask(wait.WaitAsync(token)));
}
