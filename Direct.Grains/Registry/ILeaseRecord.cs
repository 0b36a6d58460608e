namespace Direct.Grains.Registry;

/// <summary>
/// Says outside of the cluster whether a gateway may hold a lease, for a registry that finds no silo which knows. It may say so when none
/// holds one, but not the reverse.
/// </summary>
public interface ILeaseRecord
{
    /// <summary>Returns whether it is certain that no gateway holds a lease.</summary>
    Task<bool> IsClearAsync();

    /// <summary>Records that a gateway may hold a lease.</summary>
    /// <param name="token">Names this entry, so that <see cref="ClearAsync"/> removes no other one.</param>
    Task SetAsync(Guid token);

    /// <summary>Records that no gateway holds a lease, unless another entry than <paramref name="token"/> has been made since.</summary>
    Task ClearAsync(Guid token);
}
