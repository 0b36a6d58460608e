namespace Direct.Grains.Tests.Fakes;

/// <summary>Runs code as an activation does: one turn at a time, and the code after an await in a separate turn.</summary>
internal sealed class Turns
{
    private readonly TaskScheduler _scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    public Task<T> RunAsync<T>(Func<ValueTask<T>> turn) => Task.Factory.StartNew(
        () => turn().AsTask(), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();

    public Task<T> RunAsync<T>(Func<T> turn) => RunAsync(() => ValueTask.FromResult(turn()));

    public Task RunAsync(Action turn) => Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
}
