namespace Direct.Memory;

/// <summary>Represents the memory of a process, as its garbage collector and the kernel see it.</summary>
/// <param name="Used">Returns the bytes of the managed heap after the last collection.</param>
/// <param name="Available">The bytes that may be used: the limit of the container or of the settings, otherwise the memory of the machine.</param>
internal sealed record ProcessMemory(Func<long> Used, long Available)
{
    /// <summary>
    /// Gets the function that reads the memory of the container and its limit. It returns null if there is no limit, or if it cannot be read.
    /// </summary>
    public Func<ContainerUse?> Container { get; init; } = static () => null;

    /// <summary>Gets the function that collects all garbage in the background, so that <see cref="Used"/> reports what is really in use.</summary>
    public Action Collect { get; init; } = static () => { };

    /// <summary>
    /// Gets the function that collects all garbage and returns the memory to the system. It pauses the process for a time that grows with the memory
    /// in use.
    /// </summary>
    public Action GiveBack { get; init; } = static () => { };

    /// <summary>Returns the memory of this process.</summary>
    public static ProcessMemory OfThisProcess()
    {
        var container = ContainerMemory.OfThisProcess();
        return new(static () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            Container = () => container?.Read(),
            Collect = static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false),
            GiveBack = static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true),
        };
    }
}
