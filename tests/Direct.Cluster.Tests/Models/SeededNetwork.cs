using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Models;

/// <summary>Carries calls between processes as Orleans does. Each has a fate, which the random generator chooses.</summary>
internal sealed class SeededNetwork(Random random, ManualTimeProvider time, ModelTrace trace)
{
    private static readonly Fate[] Faults = [Fate.Late, Fate.Lost, Fate.AnswerLost, Fate.AnswerLate, Fate.Broken];

    private enum Fate
    {
        /// <summary>The call and its answer arrive.</summary>
        Delivered,

        /// <summary>The call arrives after a while. Once the caller waits no more, it is dropped.</summary>
        Late,

        /// <summary>The call does not arrive.</summary>
        Lost,

        /// <summary>The call arrives, and its answer does not.</summary>
        AnswerLost,

        /// <summary>The answer arrives after a while, perhaps too late.</summary>
        AnswerLate,

        /// <summary>The connection ends: the call fails soon, and arrives nevertheless, perhaps after that.</summary>
        Broken,
    }

    /// <summary>Gets or sets the share of calls that have another fate than to be delivered.</summary>
    public double FaultRate { get; set; }

    /// <summary>Calls another process. Throws a <see cref="TimeoutException"/> if there is no answer within <paramref name="timeout"/>.</summary>
    /// <param name="name">The call, for the trace.</param>
    /// <param name="from">The calling process.</param>
    /// <param name="to">Returns the process that is called, when the call arrives.</param>
    /// <param name="timeout">The time for which the caller waits.</param>
    /// <param name="call">Executes the call. It begins when the call arrives.</param>
    public async Task<T> CallAsync<T>(string name, ModelProcess from, Func<ModelProcess> to, TimeSpan timeout, Func<ModelProcess, Task<T>> call)
    {
        var fate = random.NextDouble() < FaultRate ? Faults[random.Next(Faults.Length)] : Fate.Delivered;
        trace.Add($"{from.Name} calls {name}: {fate}");
        var carried = from.IsConnected && fate is not Fate.Lost ? CarryAsync(name, from, to, timeout, call, fate) : NeverAsync<T>();
        if (fate is Fate.Broken)
        {
            await DelayAsync(TimeSpan.FromMilliseconds(20));
            throw new TimeoutException("the connection has ended");
        }

        return await carried.WaitAsync(timeout, time);
    }

    private async Task<T> CarryAsync<T>(string name, ModelProcess from, Func<ModelProcess> to, TimeSpan timeout, Func<ModelProcess, Task<T>> call, Fate fate)
    {
        var sentAt = time.GetTimestamp();
        await (fate is Fate.Late or Fate.Broken ? DelayAsync(timeout) : YieldAsync());
        var target = to();
        if (!target.IsConnected || time.GetElapsedTime(sentAt) >= timeout)
        {
            return await NeverAsync<T>();
        }

        trace.Add($"{target.Name} executes {name} of {from.Name}");
        var answer = await call(target);
        if (fate is Fate.AnswerLost || !target.IsConnected)
        {
            return await NeverAsync<T>();
        }

        await (fate is Fate.AnswerLate ? DelayAsync(timeout * 1.2) : YieldAsync());
        return from.IsConnected ? answer : await NeverAsync<T>();
    }

    private static async Task YieldAsync() => await Task.Yield();

    private static Task<T> NeverAsync<T>() => new TaskCompletionSource<T>().Task;

    private Task DelayAsync(TimeSpan longest) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, (int)longest.TotalMilliseconds)), time);
}
