using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>Holds the leases of the live gateways: who has one, and when it ends.</summary>
internal sealed class LeaseTable(RegistryOptions options, TimeProvider timeProvider)
{
    private readonly Dictionary<Guid, Lease> _leases = [];

    public bool IsEmpty => _leases.Count == 0;

    public IEnumerable<GatewayEntry> Gateways => _leases.Values.Select(lease => lease.Entry);

    /// <summary>Says what is wrong with a gateway's settings, so that it may have no lease here; null when nothing is, or it does not say.</summary>
    public string? RefusalOf(GatewayEntry entry) => entry.FenceAfter is { } fenceAfter && options.ErrorOf(fenceAfter) is { } error
        ? $"Direct:Cluster:FenceAfter of gateway {entry.Name} {error}"
        : null;

    public bool Contains(Guid gateway) => _leases.ContainsKey(gateway);

    /// <summary>Grants a lease, in the place of the one that the gateway may have.</summary>
    public void Grant(GatewayEntry entry) => _leases[entry.Id] = new Lease(entry, timeProvider.GetTimestamp());

    /// <summary>Starts a lease anew. False when the gateway has none.</summary>
    public bool TryRenew(Guid gateway)
    {
        if (!_leases.TryGetValue(gateway, out var lease))
        {
            return false;
        }

        lease.RenewedAt = timeProvider.GetTimestamp();
        return true;
    }

    /// <summary>Starts every lease anew.</summary>
    public void RenewAll()
    {
        foreach (var lease in _leases.Values)
        {
            lease.RenewedAt = timeProvider.GetTimestamp();
        }
    }

    /// <summary>Ends a lease. False when the gateway has none.</summary>
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

    /// <summary>Records that a gateway has asked: so it has not gone over to another registry.</summary>
    public void RecordQuery(Guid gateway)
    {
        if (_leases.TryGetValue(gateway, out var lease))
        {
            lease.LastRequestAt = timeProvider.GetTimestamp();
        }
    }

    /// <summary>Returns whether every gateway has asked within <paramref name="span"/>.</summary>
    public bool HaveAllRequestedWithin(TimeSpan span) => _leases.Values.All(lease => timeProvider.GetElapsedTime(lease.LastRequestAt) <= span);

    // A silo with a shorter lease may have become the registry of gateways that are there already: they do not end by it.
    private TimeSpan DurationOf(GatewayEntry entry) =>
        entry.FenceAfter + RegistryOptions.FenceMargin is { } shortest && shortest > options.LeaseDuration ? shortest : options.LeaseDuration;

    private sealed class Lease(GatewayEntry entry, long renewedAt)
    {
        public GatewayEntry Entry { get; } = entry;

        public long RenewedAt { get; set; } = renewedAt;

        public long LastRequestAt { get; set; } = renewedAt;
    }
}
