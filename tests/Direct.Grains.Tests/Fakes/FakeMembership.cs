using System.Collections.Immutable;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the cluster membership, which the test sets, and a membership table that can become unreachable.</summary>
internal sealed class FakeMembership : IClusterMembershipService
{
    private volatile ClusterMembershipSnapshot _snapshot = new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(0));

    public ClusterMembershipSnapshot CurrentSnapshot => _snapshot;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

    /// <summary>Gets or sets whether reading the table fails.</summary>
    public bool IsUnreachable { get; set; }

    /// <summary>Gets or sets whether reading the table never completes.</summary>
    public bool Hangs { get; set; }

    public int Refreshes { get; private set; }

    /// <summary>Gets or sets what is called with the number of each refresh.</summary>
    public Action<int>? OnRefresh { get; set; }

    public void Set(SiloAddress silo, SiloStatus status) => _snapshot = new ClusterMembershipSnapshot(
        _snapshot.Members.SetItem(silo, new ClusterMember(silo, status, silo.ToString())), new MembershipVersion(_snapshot.Version.Value + 1));

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        Refreshes++;
        OnRefresh?.Invoke(Refreshes);
        if (Hangs)
        {
            return new ValueTask(new TaskCompletionSource().Task);
        }

        return IsUnreachable ? ValueTask.FromException(new IOException("the table is out of reach")) : default;
    }

    public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
}
