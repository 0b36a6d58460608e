using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>
/// Decides when a new registry knows all live gateways and may serve: when every active silo has sent its table and, if all tables were empty, no
/// earlier gateway can hold a lease.
/// </summary>
internal sealed class RegistryTakeover(RegistryOptions options, TimeProvider timeProvider)
{
    private readonly HashSet<SiloAddress> _heard = [];
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private bool _wasKnownBefore;

    /// <summary>Gets whether all live gateways are known. Until then the registry answers no queries about them.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Gets or sets whether it is certain that no earlier gateway holds a lease, so that there is no lease to wait for.</summary>
    public bool IsKnownEmpty { get; set; }

    /// <summary>
    /// Records that a silo has sent its table. Returns false if that was not needed, because the silo had sent it or the registry serves.
    /// </summary>
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
    /// Starts serving if every active silo has sent its table and, if all tables were empty, there was no earlier lease or it has ended.
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
