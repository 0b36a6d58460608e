namespace Direct.Grains.Registry;

/// <summary>The times of the gateway registry.</summary>
public sealed class RegistryOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Registry";

    /// <summary>
    /// How much sooner than its lease ends a gateway must fence itself. It looks every tenth of a second whether it must, and then walks
    /// its connections; and two machines' clocks do not run at quite the same speed.
    /// </summary>
    public static readonly TimeSpan FenceMargin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a gateway lives in the registry after its last renewal. Default 20 s. Longer, by <see cref="FenceMargin"/> at least, than
    /// the time after which a gateway closes its own connections (15 s), so that nobody is waited for who is gone, and nobody forgotten who still sends.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a registry waits that has just started in a cluster where no silo knows any gateway, and for which <see cref="ILeaseRecord"/>
    /// is not clear: as long as a gateway from before may still believe in its lease. Default 20 s; 0 where the silo and its only gateway are one process.
    /// </summary>
    public TimeSpan ColdStartDelay { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What is wrong with the time after which a gateway fences itself, to follow its name; null when nothing is.</summary>
    public string? FaultOf(TimeSpan fenceAfter) => fenceAfter + FenceMargin > LeaseDuration
        ? $"is {fenceAfter}; it must be at least {FenceMargin} shorter than the silos' {SectionName}:{nameof(LeaseDuration)} ({LeaseDuration}), "
            + "or the cluster would give the gateway up while it has connections"
        : null;
}
