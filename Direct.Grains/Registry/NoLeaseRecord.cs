namespace Direct.Grains.Registry;

/// <summary>Implements the record without a database. It never says that no gateway holds a lease.</summary>
internal sealed class NoLeaseRecord : ILeaseRecord
{
    public Task<bool> IsClearAsync() => Task.FromResult(false);

    public Task SetAsync(Guid token) => Task.CompletedTask;

    public Task ClearAsync(Guid token) => Task.CompletedTask;
}
