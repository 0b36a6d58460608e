using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>
/// Decides when a registry that has just started knows all gateways that live, and may speak for them: once every active silo has sent
/// what it knew, and, where none knew anything, no gateway from before can hold a lease.
/// </summary>
internal sealed class RegistryTakeover(RegistryOptions options, TimeProvider timeProvider)
{
    private readonly HashSet<SiloAddress> _heard = [];
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private bool _wasKnownBefore;

    /// <summary>Gets or sets whether it knows all gateways that live. Until then the registry answers no question about them.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Gets or sets whether it is certain that no gateway from before holds a lease, so that there is nothing to wait out.</summary>
    public bool IsKnownEmpty { get; set; }

    /// <summary>Records that a silo has sent what it knew. False when that is not needed: the silo had sent it, or the registry serves.</summary>
    public bool TryRecord(SiloAddress silo, GatewayTable known)
    {
        if (IsServing || !_heard.Add(silo))
        {
            return false;
        }

        _wasKnownBefore |= known.Version > 0;
        return true;
    }

    /// <summary>
    /// Starts serving if every active silo has been heard - and, where none knew anything, there was no lease from before or it is over.
    /// </summary>
    public bool TryServe(IReadOnlyCollection<SiloAddress> activeSilos)
    {
        if (IsServing || !_heard.IsSupersetOf(activeSilos))
        {
            return false;
        }

        if (!_wasKnownBefore && !IsKnownEmpty && timeProvider.GetElapsedTime(_startedAt) < options.ColdStartDelay)
        {
            return false;
        }

        return IsServing = true;
    }
}
