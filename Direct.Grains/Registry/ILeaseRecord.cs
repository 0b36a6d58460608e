namespace Direct.Grains.Registry;

/// <summary>
/// Records outside of the cluster whether a gateway may hold a lease, for a registry that finds no silo with that knowledge. It may say that a
/// gateway holds a lease when none does, but not the reverse.
/// </summary>
public interface ILeaseRecord
{
    /// <summary>Returns whether it is certain that no gateway holds a lease.</summary>
    Task<bool> IsClearAsync();

    /// <summary>Records that a gateway may hold a lease.</summary>
    /// <param name="token">Identifies this entry, so that <see cref="ClearAsync"/> removes no other entry.</param>
    Task SetAsync(Guid token);

    /// <summary>Records that no gateway holds a lease, unless another entry than <paramref name="token"/> has been made since.</summary>
    Task ClearAsync(Guid token);
}
