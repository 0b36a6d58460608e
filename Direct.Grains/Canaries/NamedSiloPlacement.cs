using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Direct.Grains.Canaries;

/// <summary>Places a grain on the silo whose address is its key, and on no other. So where it is need not be looked up.</summary>
internal sealed class NamedSiloPlacement : PlacementStrategy
{
    public override bool IsUsingGrainDirectory => false;
}

/// <inheritdoc cref="NamedSiloPlacement" />
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NamedSiloPlacementAttribute() : PlacementAttribute(new NamedSiloPlacement());

/// <inheritdoc cref="NamedSiloPlacement" />
internal sealed class NamedSiloDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : Task.FromException<SiloAddress>(new SiloUnavailableException($"Silo {silo} is not active, or hosts no {target.GrainIdentity.Type}."));
    }
}
