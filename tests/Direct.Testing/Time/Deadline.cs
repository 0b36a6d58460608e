using System.Diagnostics;

namespace Direct.Testing.Time;

/// <summary>Provides waits with a time limit. Every wait of a test uses them, so that a hang becomes a failure with a message.</summary>
public static class Deadline
{
    /// <summary>Specifies a timeout that is long enough for a busy machine with two cores; no successful wait takes nearly as long.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs <paramref name="wait"/>. After the timeout it throws with the expected and the actual state.</summary>
    public static async Task<T> RunAsync<T>(
        string phase,
        Func<CancellationToken, ValueTask<T>> wait,
        TimeSpan? timeout = null,
        Func<string>? actual = null)
    {
        ArgumentNullException.ThrowIfNull(wait);
        var limit = timeout ?? Default;
        using var source = new CancellationTokenSource(limit);
        try
        {
            return await wait(source.Token);
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested)
        {
            throw new TimeoutException($"{phase}: nothing within {limit.TotalSeconds:0.###} s{Describe(actual)}");
        }
    }

    public static async Task RunAsync(
        string phase,
        Func<CancellationToken, ValueTask> wait,
        TimeSpan? timeout = null,
        Func<string>? actual = null)
    {
        ArgumentNullException.ThrowIfNull(wait);
        await RunAsync<bool>(
            phase,
            async cancellationToken =>
            {
                await wait(cancellationToken);
                return true;
            },
            timeout,
            actual);
    }

    /// <summary>Polls <paramref name="condition"/> until it holds.</summary>
    public static async Task UntilAsync(string phase, Func<Task<bool>> condition, TimeSpan? timeout = null, Func<string>? actual = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var limit = timeout ?? Default;
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"{phase}: not so after {watch.Elapsed.TotalSeconds:0.###} s{Describe(actual)}");
            }

            await Task.Delay(Pause);
        }
    }

    public static Task UntilAsync(string phase, Func<bool> condition, TimeSpan? timeout = null, Func<string>? actual = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return UntilAsync(phase, () => Task.FromResult(condition()), timeout, actual);
    }

    /// <summary>Pauses a polling loop so that it leaves processor time to the process that it observes. Tests must not use it to wait for an event.</summary>
    public static Task PaceAsync(int milliseconds = 50) => Task.Delay(milliseconds);

    private static string Describe(Func<string>? actual) => actual is null ? "" : "; " + actual();
}
