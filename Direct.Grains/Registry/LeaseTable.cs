using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>Holds the leases of the live gateways, and the time at which each ends.</summary>
internal sealed class LeaseTable(RegistryOptions options, TimeProvider timeProvider)
{
    private readonly Dictionary<Guid, Lease> _leases = [];

    public bool IsEmpty => _leases.Count == 0;

    public IEnumerable<GatewayEntry> Gateways => _leases.Values.Select(lease => lease.Entry);

    /// <summary>
    /// Returns the error in a gateway's settings that prevents a lease here; null if there is none, or if the gateway does not report the setting.
    /// </summary>
    public string? RefusalOf(GatewayEntry entry) => entry.FenceAfter is { } fenceAfter && options.ErrorOf(fenceAfter) is { } error
        ? $"Direct:Cluster:FenceAfter of gateway {entry.Name} {error}"
        : null;

    public bool Contains(Guid gateway) => _leases.ContainsKey(gateway);

    /// <summary>Grants a lease, which replaces the one that the gateway may have.</summary>
    public void Grant(GatewayEntry entry) => _leases[entry.Id] = new Lease(entry, timeProvider.GetTimestamp());

    /// <summary>Renews a lease. Returns false if the gateway has none.</summary>
    public bool TryRenew(Guid gateway)
    {
        if (!_leases.TryGetValue(gateway, out var lease))
        {
            return false;
        }

        lease.RenewedAt = timeProvider.GetTimestamp();
        return true;
    }

    /// <summary>
    /// Takes what a gateway with a lease says of itself: the registry of an older silo, from which the entry may come, drops what it does not know. Returns whether it has changed.
    /// </summary>
    public bool TryUpdate(GatewayEntry entry)
    {
        var lease = _leases[entry.Id];
        if (entry with { Observers = lease.Entry.Observers } == lease.Entry)
        {
            return false;
        }

        lease.Entry = entry;
        return true;
    }

    /// <summary>Renews all leases.</summary>
    public void RenewAll()
    {
        foreach (var lease in _leases.Values)
        {
            lease.RenewedAt = timeProvider.GetTimestamp();
        }
    }

    /// <summary>Ends a lease. Returns false if the gateway has none.</summary>
    public bool Remove(Guid gateway) => _leases.Remove(gateway);

    /// <summary>Ends the leases that were not renewed in time, and returns their gateways.</summary>
    public IReadOnlyList<GatewayEntry> RemoveLapsed()
    {
        var now = timeProvider.GetTimestamp();
        var lapsed = _leases.Values
            .Where(lease => timeProvider.GetElapsedTime(lease.RenewedAt, now) > DurationOf(lease.Entry))
            .Select(lease => lease.Entry)
            .ToList();
        lapsed.ForEach(entry => _leases.Remove(entry.Id));
        return lapsed;
    }

    /// <summary>Records that a gateway has called, which shows that it does not use another registry.</summary>
    public void RecordQuery(Guid gateway)
    {
        if (_leases.TryGetValue(gateway, out var lease))
        {
            lease.LastRequestAt = timeProvider.GetTimestamp();
        }
    }

    /// <summary>Returns whether every gateway has called within <paramref name="span"/>.</summary>
    public bool HaveAllRequestedWithin(TimeSpan span) => _leases.Values.All(lease => timeProvider.GetElapsedTime(lease.LastRequestAt) <= span);

    // A silo with a shorter lease duration may have become the registry of existing gateways, whose leases do not depend on it.
    private TimeSpan DurationOf(GatewayEntry entry) =>
        entry.FenceAfter + RegistryOptions.FenceMargin is { } shortest && shortest > options.LeaseDuration ? shortest : options.LeaseDuration;

    private sealed class Lease(GatewayEntry entry, long renewedAt)
    {
        public GatewayEntry Entry { get; set; } = entry;

        public long RenewedAt { get; set; } = renewedAt;

        public long LastRequestAt { get; set; } = renewedAt;
    }
}
