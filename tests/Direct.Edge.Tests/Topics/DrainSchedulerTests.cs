using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Topics;

public sealed class DrainSchedulerTests
{
    [Fact]
    public Task ForThisThread_AgainAndAgain_IsTheSameAndAnotherThreadsIsAnother() => OnThreadsOfTheirOwnAsync(
        () => Assert.Same(DrainScheduler.ForThisThread(), DrainScheduler.ForThisThread()),
        () =>
        {
            DrainScheduler? other = null;
            var thread = new Thread(() => other = DrainScheduler.ForThisThread());
            thread.Start();
            thread.Join();
            Assert.NotSame(other, DrainScheduler.ForThisThread());
        });

    [Fact]
    public Task Add_OnAThreadWithAQueue_WaitsForItsTurnThere() => OnThreadsOfTheirOwnAsync(() =>
    {
        var queue = DrainScheduler.ForThisThread();
        var order = new List<string>();

        DrainScheduler.Add(new Drainer(() => order.Add($"first on {Environment.CurrentManagedThreadId}")));
        DrainScheduler.Add(new Drainer(() => order.Add($"second on {Environment.CurrentManagedThreadId}")));
        Assert.False(queue.IsEmpty);
        Assert.Empty(order);
        queue.Run();

        Assert.Equal([$"first on {Environment.CurrentManagedThreadId}", $"second on {Environment.CurrentManagedThreadId}"], order);
        Assert.True(queue.IsEmpty);
    });

    [Fact]
    public async Task Add_OnAThreadWithoutAQueue_GoesToTheThreadPool()
    {
        var isOnPool = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        await OnThreadsOfTheirOwnAsync(
            () => DrainScheduler.Add(new Drainer(() => isOnPool.TrySetResult(Thread.CurrentThread.IsThreadPoolThread))));

        Assert.True(await Deadline.RunAsync("a slice", token => new ValueTask<bool>(isOnPool.Task.WaitAsync(token))));
    }

    [Fact]
    public Task Run_OfThoseThatAskAgain_GivesEachOneTurn() => OnThreadsOfTheirOwnAsync(() =>
    {
        var queue = DrainScheduler.ForThisThread();
        var (restless, once) = (0, 0);
        Drainer? again = null;
        again = new Drainer(() =>
        {
            restless++;
            DrainScheduler.Add(again!);
        });
        DrainScheduler.Add(again);
        DrainScheduler.Add(new Drainer(() => once++));

        queue.Run();

        Assert.Equal((1, 1, false), (restless, once, queue.IsEmpty));
        queue.Run();
        Assert.Equal((2, 1, false), (restless, once, queue.IsEmpty));
    });

    [Fact]
    public Task Run_OfMoreThanARoundHas_LeavesTheRestInTheirOrder() => OnThreadsOfTheirOwnAsync(() =>
    {
        var queue = DrainScheduler.ForThisThread();
        var order = new List<int>();
        foreach (var number in Enumerable.Range(0, DrainScheduler.MaxSlices + 2))
        {
            DrainScheduler.Add(new Drainer(() => order.Add(number)));
        }

        queue.Run();
        Assert.Equal((DrainScheduler.MaxSlices, false), (order.Count, queue.IsEmpty));
        queue.Run();

        Assert.Equal(Enumerable.Range(0, DrainScheduler.MaxSlices + 2), order);
        Assert.True(queue.IsEmpty);
    });

    // Uses separate threads, because a queue belongs to its thread and a pool thread would keep it.
    private static Task OnThreadsOfTheirOwnAsync(params Action[] works) => Deadline.RunAsync("threads of their own", token =>
        new ValueTask(Task.WhenAll(works.Select(work => Task.Factory.StartNew(
            () =>
            {
                Assert.False(Thread.CurrentThread.IsThreadPoolThread);
                work();
            },
            token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)))));

    private sealed class Drainer(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
