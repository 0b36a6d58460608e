using System.ComponentModel.DataAnnotations;

namespace Direct.Memory;

/// <summary>How much memory a process may fill: with everything, and with what waits in its queues.</summary>
public sealed class MemoryOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Memory";

    /// <summary>
    /// Bytes of the managed heap from which on a silo takes no new topics and a gateway closes slow readers. Default 0: three quarters of
    /// what the garbage collector may use, which in a container is mostly three quarters of the container's limit.
    /// </summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long BudgetBytes { get; set; }

    /// <summary>
    /// Bytes that may wait in all queues of the process together. A gateway closes slow readers from three quarters of it on, and answers
    /// new signals 503 past it; a silo takes no more batches. Default 0: a quarter of what the garbage collector may use.
    /// </summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long QueueBytes { get; set; }
}
