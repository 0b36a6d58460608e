using Direct.Testing.Time;
using Direct.Timing;

namespace Direct.Hosting.Tests.Timing;

public sealed class TaskWaitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _source = new();

    [Fact]
    public async Task TryWaitAsync_TaskEndsInTime_IsTrueAndLeavesNoTimer()
    {
        var waiting = _source.Task.TryWaitAsync(Limit, _time).AsTask();
        _time.Advance(Limit - TimeSpan.FromTicks(1));
        _source.SetResult();

        Assert.True(await EndAsync(waiting));
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task TryWaitAsync_TimeIsUp_IsFalse()
    {
        var waiting = _source.Task.TryWaitAsync(Limit, _time).AsTask();
        _time.Advance(Limit);

        Assert.False(await EndAsync(waiting));
    }

    /// <summary>Covers also a timeout exception of the task itself, which is unrelated to the limit.</summary>
    [Fact]
    public async Task TryWaitAsync_TaskFails_IsTrueAndThrowsNothing()
    {
        var waiting = _source.Task.TryWaitAsync(Limit, _time).AsTask();
        _source.SetException(new TimeoutException("its own"));

        Assert.True(await EndAsync(waiting));
    }

    private static Task<bool> EndAsync(Task<bool> waiting) => Deadline.RunAsync("the end of the wait", token => new ValueTask<bool>(waiting.WaitAsync(token)));
}
