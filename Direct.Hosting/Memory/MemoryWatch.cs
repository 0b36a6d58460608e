namespace Direct.Memory;

/// <summary>
/// Compares the memory of this process with its budget, and that of its container with the limit, each time it is called: silos and
/// gateways call it four times a second.
/// </summary>
/// <remarks>
/// Under pressure it triggers collections, because the collector runs by itself only when something is allocated: garbage of refused
/// requests would otherwise count for as long as the process is idle.
/// </remarks>
internal sealed class MemoryWatch(ProcessMemory memory, MemoryOptions options, TimeProvider timeProvider) : IMemoryWatch
{
    /// <summary>Specifies the time between two checks.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Specifies the shortest time for which pressure is reported, so that a heap that goes up and down does not fill the log.</summary>
    public static readonly TimeSpan ShortestPressure = TimeSpan.FromSeconds(5);

    // In hundredths of a container's limit: garbage is collected above the first, and nothing new is accepted above the second. The collector itself
    // may leave the heap at 75, and what is not on the heap comes on top.
    private const int CollectAt = 80;
    private const int FullAt = 92;

    private readonly Lock _gate = new();
    private volatile MemoryPressure _pressure;
    private long _since;
    private long? _collectedAt;

    /// <summary>Gets the heap size, in bytes, above which the pressure is high.</summary>
    public long Budget { get; } = options.BudgetBytes > 0 ? options.BudgetBytes : memory.Available / 4 * 3;

    /// <summary>Gets the heap size, in bytes, above which the pressure is critical.</summary>
    public long CriticalBytes => Budget + (Budget / 8);

    /// <summary>Gets the bytes of the managed heap after its last collection.</summary>
    public long Used => memory.Used();

    public MemoryPressure Pressure => _pressure;

    /// <summary>Gets the duration of the current pressure, or of the last one.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Compares once. Thread-safe: a silo and a gateway in one process both call it.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var before = _pressure;
            var used = memory.Used();
            var container = memory.Container();
            _pressure = used >= memory.Available / 16 * 15 || IsOver(container, FullAt) ? MemoryPressure.Exhausted
                : used >= CriticalBytes ? MemoryPressure.Critical
                : used >= Budget || (before is not MemoryPressure.None && !HasPassed(used)) ? MemoryPressure.High
                : MemoryPressure.None;
            if (before is MemoryPressure.None && _pressure is not MemoryPressure.None)
            {
                _since = timeProvider.GetTimestamp();
            }

            if (before is not MemoryPressure.None)
            {
                Duration = timeProvider.GetElapsedTime(_since);
            }

            if (_pressure is not MemoryPressure.None || IsOver(container, CollectAt))
            {
                CollectNowAndThen();
            }
        }
    }

    private static bool IsOver(ContainerUse? container, int hundredths) => container is { } use && use.Used >= use.Limit / 100 * hundredths;

    private void CollectNowAndThen()
    {
        if (!(_collectedAt is { } last && timeProvider.GetElapsedTime(last) < ShortestPressure))
        {
            _collectedAt = timeProvider.GetTimestamp();
            memory.Collect();
        }
    }

    private bool HasPassed(long used) => used < Budget / 10 * 9 && timeProvider.GetElapsedTime(_since) >= ShortestPressure;
}
