namespace Direct.Grains.Members;

/// <summary>One member of the cluster.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of its program; null if it does not tell, as silos of 0.1.0 do not, or has not told yet.</param>
/// <param name="Status">Its status.</param>
internal sealed record SiloMember(SiloAddress Address, string Name, string? Version, SiloStatus Status);

/// <summary>Reads which silos are members of the cluster, as this silo last learnt of them, and which versions they have.</summary>
internal sealed class SiloMembers(IClusterMembershipService membership, IClusterManifestProvider manifests)
{
    /// <summary>All but the dead.</summary>
    public IEnumerable<SiloMember> Read() => membership.CurrentSnapshot.Members.Values
        .Where(static member => member.Status is not SiloStatus.Dead)
        .Select(member => new SiloMember(member.SiloAddress, member.Name, VersionOf(member.SiloAddress), member.Status));

    private string? VersionOf(SiloAddress silo) =>
        manifests.Current.Silos.TryGetValue(silo, out var manifest)
        && manifest.Grains.TryGetValue(SiloVersionProperty.Bearer, out var grain)
        && grain.Properties.TryGetValue(SiloVersionProperty.Name, out var version) ? version : null;
}
