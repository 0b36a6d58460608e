using System.Collections.Immutable;
using Direct.Grains.Members;
using Direct.Grains.Queries;
using Orleans.Metadata;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the manifests in which each silo publishes its version, as a property of one grain.</summary>
internal sealed class FakeManifests : IClusterManifestProvider
{
    public ClusterManifest Current { get; private set; } = new(MajorMinorVersion.Zero, ImmutableDictionary<SiloAddress, GrainManifest>.Empty);

    public IAsyncEnumerable<ClusterManifest> Updates => throw new NotSupportedException();

    public GrainManifest LocalGrainManifest => throw new NotSupportedException();

    public void Set(SiloAddress silo, IEnumerable<IGrainPropertiesProvider> providers)
    {
        var properties = new Dictionary<string, string>();
        foreach (var provider in providers)
        {
            provider.Populate(typeof(GatewayQueryGrain), SiloVersionProperty.Bearer, properties);
        }

        var grains = ImmutableDictionary<GrainType, GrainProperties>.Empty.Add(SiloVersionProperty.Bearer, new GrainProperties(properties.ToImmutableDictionary(StringComparer.Ordinal)));
        var manifest = new GrainManifest(grains, ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty);
        Current = new ClusterManifest(Current.Version, Current.Silos.SetItem(silo, manifest));
    }
}
