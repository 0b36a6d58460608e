using Direct.Memory;

namespace Direct.Edge.BackendApi;

/// <summary>Refuses calls of backends while the memory of the process is short.</summary>
internal static class MemoryShortage
{
    /// <summary>Returns the problem if calls that need memory are refused now; null if they are accepted.</summary>
    public static Problem? Refuse(QueueBudget queues) => queues.Pressure is MemoryPressure.Exhausted ? Refusal(queues) : null;

    /// <summary>Counts a refused call and returns its answer.</summary>
    public static Problem Refusal(QueueBudget queues)
    {
        queues.SignalRefused();
        return Problem.Unavailable(
            $"The memory of this gateway is short: {queues.Used} bytes wait in its queues and {queues.Bytes} may (Direct:Memory:QueueBytes), or the process has no more. "
            + "Nothing was sent or done.");
    }
}
