using Direct.Testing.Time;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Runs work on several threads at once.</summary>
internal static class Threads
{
    /// <summary>Runs <paramref name="work"/> with the numbers from 0 up to <paramref name="count"/> - 1, each on a pool thread.</summary>
    public static Task RunAsync(int count, Action<int> work) =>
        RunAsync([.. Enumerable.Range(0, count).Select(Func<Task> (thread) => () =>
        {
            work(thread);
            return Task.CompletedTask;
        })]);

    public static Task RunAsync(params Func<Task>[] works) =>
        Deadline.RunAsync($"{works.Length} threads", token => new ValueTask(Task.WhenAll(works.Select(work => Task.Run(work))).WaitAsync(token)));
}
