using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>
/// The leases of the live gateways, and when the registry may speak for all of them. A plain class; the registry grain's turns call it.
/// </summary>
internal sealed class GatewayLeases(RegistryOptions options, TimeProvider timeProvider)
{
    private readonly Dictionary<Guid, Lease> _leases = [];
    private readonly HashSet<SiloAddress> _heard = [];
    private readonly Dictionary<SiloAddress, SiloState> _silos = [];
    private readonly Guid _epoch = Guid.NewGuid();
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private bool _hasHeardOfBefore;
    private long _version = 1;

    /// <summary>Whether it knows all gateways that live. Until then it answers no question about them.</summary>
    public bool IsServing { get; private set; }

    public long Version => _version;

    public long HighestTestId { get; private set; }

    public GatewayTable Table => new(_epoch, _version, [.. _leases.Values.Select(lease => lease.Entry)], HighestTestId);

    /// <summary>What is wrong with a gateway's settings, so that it may have no lease here; null when nothing is, or it does not say.</summary>
    public string? RefusalOf(GatewayEntry entry) => entry.FenceAfter is { } fenceAfter && options.FaultOf(fenceAfter) is { } fault
        ? $"Direct:Cluster:FenceAfter of gateway {entry.Name} {fault}"
        : null;

    /// <summary>Adds a gateway or starts its lease anew. Returns the version in which it is.</summary>
    public long Add(GatewayEntry entry)
    {
        _leases[entry.Id] = new Lease(entry, timeProvider.GetTimestamp());
        return ++_version;
    }

    /// <summary>A gateway has asked: so it has not gone over to another registry.</summary>
    public void Asked(Guid gateway)
    {
        if (_leases.TryGetValue(gateway, out var lease))
        {
            lease.AskedAt = timeProvider.GetTimestamp();
        }
    }

    /// <summary>Whether every gateway has asked within <paramref name="span"/>.</summary>
    public bool AllAskedWithin(TimeSpan span) => _leases.Values.All(lease => timeProvider.GetElapsedTime(lease.AskedAt) <= span);

    /// <summary>Starts a lease anew. False when it is over; while the registry is not serving, an unknown gateway is one from before.</summary>
    public bool TryRenew(GatewayEntry entry, long highestTestId)
    {
        RaiseTestId(highestTestId);
        if (_leases.TryGetValue(entry.Id, out var lease))
        {
            lease.RenewedAt = timeProvider.GetTimestamp();
            return true;
        }

        if (IsServing)
        {
            return false;
        }

        Add(entry);
        return true;
    }

    public bool Remove(Guid gateway)
    {
        var isRemoved = _leases.Remove(gateway);
        _version += isRemoved ? 1 : 0;
        return isRemoved;
    }

    /// <summary>Removes the gateways whose leases have lapsed, and returns them.</summary>
    public IReadOnlyList<GatewayEntry> Expire()
    {
        // Nobody expires while some may not have been able to renew.
        var now = timeProvider.GetTimestamp();
        var lapsed = !IsServing ? [] : _leases.Values
            .Where(lease => timeProvider.GetElapsedTime(lease.RenewedAt, now) > DurationOf(lease.Entry))
            .Select(lease => lease.Entry)
            .ToList();
        lapsed.ForEach(entry => Remove(entry.Id));
        return lapsed;
    }

    /// <summary>The first id of a block that nobody else gets.</summary>
    public long TakeTestIds(int count)
    {
        var first = HighestTestId + 1;
        RaiseTestId(HighestTestId + count);
        return first;
    }

    /// <summary>A silo has asked, and shown which version it has.</summary>
    public void Polled(SiloAddress silo, GatewayTable known) =>
        _silos[silo] = new SiloState(known.Epoch == _epoch ? known.Version : 0, timeProvider.GetTimestamp());

    /// <summary>Whether this silo's table is the current one.</summary>
    public bool IsCurrent(GatewayTable known) => known.Epoch == _epoch && known.Version == _version;

    /// <summary>Whether every one of the silos has a table of at least this version.</summary>
    public bool AllHave(long version, IEnumerable<SiloAddress> silos) =>
        silos.All(silo => _silos.TryGetValue(silo, out var state) && state.Version >= version);

    /// <summary>Whether a silo with an older table may still place signals by it: one that was answered so lately that its fence is not up.</summary>
    public bool MaySomebodyLag(long version, TimeSpan fence) =>
        _silos.Values.Any(state => state.Version < version && timeProvider.GetElapsedTime(state.PolledAt) <= fence);

    /// <summary>Whether every one of the silos has polled within <paramref name="span"/>.</summary>
    public bool AllPolledWithin(TimeSpan span, IEnumerable<SiloAddress> silos) =>
        silos.All(silo => _silos.TryGetValue(silo, out var state) && timeProvider.GetElapsedTime(state.PolledAt) <= span);

    /// <summary>A silo has sent what it knew before this registry started.</summary>
    public void Heard(SiloAddress silo, GatewayTable known)
    {
        if (IsServing || !_heard.Add(silo))
        {
            return;
        }

        _hasHeardOfBefore |= known.Version > 0;
        RaiseTestId(known.HighestTestId);
        foreach (var entry in known.Entries.Where(entry => !_leases.ContainsKey(entry.Id)))
        {
            Add(entry);
        }
    }

    /// <summary>Starts serving if every active silo has been heard - and, where none knew anything, any lease from before is over.</summary>
    public bool TryServe(IReadOnlyCollection<SiloAddress> activeSilos)
    {
        if (IsServing || !_heard.IsSupersetOf(activeSilos))
        {
            return false;
        }

        if (!_hasHeardOfBefore && timeProvider.GetElapsedTime(_startedAt) < options.ColdStartDelay)
        {
            return false;
        }

        // Everyone starts with a full lease: those who could not renew in the meantime must not pay for it.
        foreach (var lease in _leases.Values)
        {
            lease.RenewedAt = timeProvider.GetTimestamp();
        }

        return IsServing = true;
    }

    // A silo with a shorter lease may have become the registry of gateways that are there already: they do not end by it.
    private TimeSpan DurationOf(GatewayEntry entry) =>
        entry.FenceAfter + RegistryOptions.FenceMargin is { } shortest && shortest > options.LeaseDuration ? shortest : options.LeaseDuration;

    private void RaiseTestId(long highest)
    {
        if (highest > HighestTestId)
        {
            HighestTestId = highest;
            _version++;
        }
    }

    private sealed class Lease(GatewayEntry entry, long renewedAt)
    {
        public GatewayEntry Entry { get; } = entry;

        public long RenewedAt { get; set; } = renewedAt;

        public long AskedAt { get; set; } = renewedAt;
    }

    private readonly record struct SiloState(long Version, long PolledAt);
}
