namespace Direct.Grains.Liveness;

/// <summary>
/// Tells whether a silo has left the cluster lately. Answers of gateways that go through a silo that hangs are late until gateways no longer use it, so a
/// late answer then does not show that the gateway hangs.
/// </summary>
internal sealed class DepartedSilos(IClusterMembershipService membership, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private HashSet<SiloAddress> _departed = [];
    private MembershipVersion _version = MembershipVersion.MinValue;
    private long _lastAt = timeProvider.GetTimestamp(); // what has happened before the start is not known

    /// <summary>Looks for silos that have left since the last call. It is called about once a second.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var snapshot = membership.CurrentSnapshot;
            if (snapshot.Version == _version)
            {
                return;
            }

            var departed = snapshot.Members.Values.Where(static member => member.Status.IsTerminating()).Select(static member => member.SiloAddress).ToHashSet();
            if (!departed.IsSubsetOf(_departed))
            {
                _lastAt = timeProvider.GetTimestamp();
            }

            (_departed, _version) = (departed, snapshot.Version);
        }
    }

    /// <summary>Returns whether a silo has left within <paramref name="span"/>. If this silo has not been running for as long, it may have.</summary>
    public bool HasLeftWithin(TimeSpan span)
    {
        Look();
        lock (_gate)
        {
            return timeProvider.GetElapsedTime(_lastAt) <= span;
        }
    }
}
