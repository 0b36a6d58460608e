using System.ComponentModel.DataAnnotations;

namespace Direct.Memory;

/// <summary>Configures the memory of a process: the managed heap, and the queues.</summary>
public sealed class MemoryOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Memory";

    /// <summary>
    /// Gets or sets the size of the managed heap, in bytes, above which a silo accepts no new topics and a gateway closes slow readers. Default 0:
    /// three quarters of what the garbage collector may use, which in a container is usually three quarters of the container's limit.
    /// </summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long BudgetBytes { get; set; }

    /// <summary>
    /// Gets or sets the size of all queues of the process together, in bytes. A gateway closes slow readers above three quarters of it, and answers
    /// new signals 503 above all of it; a silo accepts no more batches then. Default 0: a quarter of what the garbage collector may use.
    /// </summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long QueueBytes { get; set; }
}
