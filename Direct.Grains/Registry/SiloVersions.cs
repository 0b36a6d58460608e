using Direct.Grains.Liveness;

namespace Direct.Grains.Registry;

/// <summary>Knows which version of the table each silo has, and when it last polled.</summary>
internal sealed class SiloVersions(IClusterMembershipService membership, TimeProvider timeProvider)
{
    private readonly Dictionary<SiloAddress, SiloState> _silos = [];

    /// <summary>How many silos it knows something about.</summary>
    public int Count => _silos.Count;

    /// <summary>Records that a silo has polled, and shown which version it has. Forgets the silos that are gone.</summary>
    public void Record(SiloAddress silo, long version)
    {
        _silos[silo] = new SiloState(version, timeProvider.GetTimestamp());
        ForgetGone();
    }

    /// <summary>Whether every active silo has a table of at least this version.</summary>
    public bool AllHave(long version) =>
        membership.ActiveSilos().All(silo => _silos.TryGetValue(silo, out var state) && state.Version >= version);

    /// <summary>Whether a silo with an older table may still place signals by it: one that was answered so lately that its fence is not up.</summary>
    public bool MayAnyLag(long version) => _silos.Values.Any(state => state.Version < version && !IsFenced(state));

    /// <summary>Whether every active silo has polled within <paramref name="span"/>.</summary>
    public bool AllPolledWithin(TimeSpan span) =>
        membership.ActiveSilos().All(silo => _silos.TryGetValue(silo, out var state) && timeProvider.GetElapsedTime(state.PolledAt) <= span);

    // Not before its fence is up: a silo that is declared dead by mistake places signals until then. One that starts again has another address.
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
