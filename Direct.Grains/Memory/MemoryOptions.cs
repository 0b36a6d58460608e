using System.ComponentModel.DataAnnotations;

namespace Direct.Grains.Memory;

/// <summary>How much memory a silo may fill with what it remembers of rooms and users.</summary>
public sealed class MemoryOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Memory";

    /// <summary>
    /// Bytes of the managed heap from which on the silo takes no new topics. Default 0: three quarters of what the garbage collector may
    /// use, which in a container is mostly three quarters of the container's limit.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long BudgetBytes { get; set; }
}
