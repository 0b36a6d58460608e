using Orleans.GrainDirectory;

namespace Direct.Grains.Canaries;

/// <summary>The directory of grains whose silo is known by their key: it keeps nothing, and so depends on no silo.</summary>
internal sealed class NoDirectory : IGrainDirectory
{
    /// <summary>The name of this directory among those of a silo.</summary>
    public const string Name = "direct.none";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
