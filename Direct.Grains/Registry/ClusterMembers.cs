namespace Direct.Grains.Registry;

/// <summary>Reads the members of the cluster, as this silo knows them.</summary>
internal static class ClusterMembers
{
    public static IReadOnlyCollection<SiloAddress> ActiveSilos(this IClusterMembershipService membership) =>
        [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];

    /// <summary>Returns whether a silo is active or stopping. A silo that is stopping has grains until they have moved.</summary>
    public static bool IsMember(this IClusterMembershipService membership, SiloAddress silo) =>
        membership.CurrentSnapshot.Members.TryGetValue(silo, out var member)
        && member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping;
}
