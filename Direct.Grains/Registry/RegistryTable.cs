using Direct.Grains.Gateways;

namespace Direct.Grains.Registry;

/// <summary>Applies the changes of the table that silos receive. Each change has its own version.</summary>
internal sealed class RegistryTable(LeaseTable leases, RegistryTakeover takeover)
{
    private readonly Guid _epoch = Guid.NewGuid();
    private long _highestTestId;

    public long Version { get; private set; } = 1;

    public GatewayTable Current => new(_epoch, Version, [.. leases.Gateways], _highestTestId);

    /// <summary>Returns whether this silo's table is the current one.</summary>
    public bool IsCurrent(GatewayTable known) => VersionOf(known) == Version;

    /// <summary>Returns the version of a silo's table; 0 if it is from another registry.</summary>
    public long VersionOf(GatewayTable known) => known.Epoch == _epoch ? known.Version : 0;

    /// <summary>Adds a gateway or renews its lease. Returns the version that contains it.</summary>
    public long Add(GatewayEntry entry)
    {
        leases.Grant(entry);
        return ++Version;
    }

    /// <summary>
    /// Renews a lease. Returns false if it has ended. While the registry is not serving, an unknown gateway is one from an earlier registry.
    /// </summary>
    public bool TryRenew(GatewayEntry entry, long highestTestId)
    {
        RaiseTestId(highestTestId);
        if (leases.TryRenew(entry.Id))
        {
            Version += leases.TryUpdate(entry) ? 1 : 0;
            return true;
        }

        if (takeover.IsServing)
        {
            return false;
        }

        Add(entry);
        return true;
    }

    public bool Remove(Guid gateway)
    {
        var isRemoved = leases.Remove(gateway);
        Version += isRemoved ? 1 : 0;
        return isRemoved;
    }

    /// <summary>Removes the gateways whose leases have lapsed, and returns them.</summary>
    public IReadOnlyList<GatewayEntry> Expire()
    {
        // No lease expires while some gateways may not have been able to renew.
        var lapsed = takeover.IsServing ? leases.RemoveLapsed() : [];
        Version += lapsed.Count;
        return lapsed;
    }

    /// <summary>Merges the table that a silo had before this registry started.</summary>
    public void Merge(SiloAddress silo, GatewayTable known)
    {
        if (!takeover.TryRecord(silo, known))
        {
            return;
        }

        RaiseTestId(known.HighestTestId);
        foreach (var entry in known.Entries.Where(entry => !leases.Contains(entry.Id)))
        {
            Add(entry);
        }
    }

    /// <summary>Starts serving if <see cref="RegistryTakeover"/> allows it.</summary>
    public bool TryServe(IReadOnlyCollection<SiloAddress> activeSilos)
    {
        if (!takeover.TryServe(activeSilos))
        {
            return false;
        }

        // All leases start with their full duration, because gateways may not have been able to renew in the meantime.
        leases.RenewAll();
        return true;
    }

    /// <summary>Returns the first id of a block that is assigned only once.</summary>
    public long TakeTestIds(int count)
    {
        var first = _highestTestId + 1;
        RaiseTestId(_highestTestId + count);
        return first;
    }

    private void RaiseTestId(long highest)
    {
        if (highest > _highestTestId)
        {
            _highestTestId = highest;
            Version++;
        }
    }
}
