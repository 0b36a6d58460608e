namespace Direct.Collections;

/// <summary>
/// Draws the random ids of what a process starts. A simulation draws them from its seed, so that its runs can be repeated: its synchronization context is an
/// <see cref="IRandomIds"/>.
/// </summary>
internal static class RandomIds
{
    public static Guid NewGuid() => SynchronizationContext.Current is IRandomIds ids ? ids.NewGuid() : Guid.NewGuid();

    /// <summary>Returns a number above 0.</summary>
    public static long NewLong() => SynchronizationContext.Current is IRandomIds ids ? ids.NewLong() : Random.Shared.NextInt64(1, long.MaxValue);
}
