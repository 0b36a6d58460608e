using Direct.Grains.Liveness;

namespace Direct.Grains.Registry;

/// <summary>Tracks which version of the table each silo has, and when it last polled.</summary>
internal sealed class SiloVersions(IClusterMembershipService membership, TimeProvider timeProvider)
{
    private readonly Dictionary<SiloAddress, SiloState> _silos = [];

    /// <summary>Gets the number of tracked silos.</summary>
    public int Count => _silos.Count;

    /// <summary>Records a poll of a silo and the version that it has. Removes silos that have ended.</summary>
    public void Record(SiloAddress silo, long version)
    {
        _silos[silo] = new SiloState(version, timeProvider.GetTimestamp());
        ForgetGone();
    }

    /// <summary>Returns whether every active silo has a table of at least this version.</summary>
    public bool AllHave(long version) =>
        membership.ActiveSilos().All(silo => _silos.TryGetValue(silo, out var state) && state.Version >= version);

    /// <summary>
    /// Returns whether a silo with an older table may still publish signals with it, because it was answered so recently that its fence is not up.
    /// </summary>
    public bool MayAnyLag(long version) => _silos.Values.Any(state => state.Version < version && !IsFenced(state));

    /// <summary>Returns whether every active silo has polled within <paramref name="span"/>.</summary>
    public bool AllPolledWithin(TimeSpan span) =>
        membership.ActiveSilos().All(silo => _silos.TryGetValue(silo, out var state) && timeProvider.GetElapsedTime(state.PolledAt) <= span);

    // Only after its fence is up: a silo that is declared dead by mistake publishes signals until then. A silo that starts again has another address.
    private void ForgetGone()
    {
        foreach (var (silo, state) in _silos)
        {
            if (IsFenced(state) && !membership.IsMember(silo))
            {
                _silos.Remove(silo);
            }
        }
    }

    private bool IsFenced(SiloState state) => timeProvider.GetElapsedTime(state.PolledAt) > SiloTimes.HoldFor;

    private readonly record struct SiloState(long Version, long PolledAt);
}
