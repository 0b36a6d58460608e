using Direct.Memory;

namespace Direct.Testing.Linked;

internal sealed class FakeMemoryWatch : IMemoryWatch
{
    public MemoryPressure Pressure { get; set; }

    /// <summary>Returns a budget that tests cannot exhaust.</summary>
    public static QueueBudget Plenty() => new(1L << 40, new FakeMemoryWatch());
}
