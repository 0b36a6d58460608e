namespace Direct.Grains.Registry;

/// <summary>Configures the times of the gateway registry.</summary>
public sealed class RegistryOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Registry";

    /// <summary>
    /// Specifies how much earlier than its lease ends a gateway must fence itself. It checks this every tenth of a second, and then closes its
    /// connections one by one; also, the clocks of two machines do not run at exactly the same speed.
    /// </summary>
    public static readonly TimeSpan FenceMargin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long a lease lasts after the last renewal. Default 20 s. It must exceed the time after which a gateway closes its own
    /// connections (15 s) by at least <see cref="FenceMargin"/>, so that the cluster neither waits for a gateway that has ended nor forgets one that
    /// may still send.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Gets or sets how long a new registry waits if no silo knows any gateway and <see cref="ILeaseRecord"/> is not clear: as long as the lease of
    /// an earlier gateway may last. Default 20 s; 0 if the silo and its only gateway are one process.
    /// </summary>
    public TimeSpan ColdStartDelay { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Returns the error of the time after which a gateway fences itself, as text that follows its name; null if there is none.</summary>
    public string? ErrorOf(TimeSpan fenceAfter) => fenceAfter + FenceMargin > LeaseDuration
        ? $"is {fenceAfter}; it must be at least {FenceMargin} shorter than the silos' {SectionName}:{nameof(LeaseDuration)} ({LeaseDuration}), "
            + "or the cluster would give the gateway up while it has connections"
        : null;
}
