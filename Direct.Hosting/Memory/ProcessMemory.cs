namespace Direct.Memory;

/// <summary>The memory of a process, as its garbage collector and the kernel see it.</summary>
/// <param name="Used">Tells the bytes of the managed heap after the last collection.</param>
/// <param name="Available">How many there may be: the limit of the container or of the settings, else what the machine has.</param>
internal sealed record ProcessMemory(Func<long> Used, long Available)
{
    /// <summary>Tells what the container uses of its limit; null where there is none, or where it cannot be read.</summary>
    public Func<ContainerUse?> Container { get; init; } = static () => null;

    /// <summary>Collects all garbage while the process goes on, so that <see cref="Used"/> says what is really in use.</summary>
    public Action Collect { get; init; } = static () => { };

    /// <summary>Collects all garbage and gives the memory back to the system. The process stands still for as long as what it still uses takes.</summary>
    public Action GiveBack { get; init; } = static () => { };

    /// <summary>The memory of this process.</summary>
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
