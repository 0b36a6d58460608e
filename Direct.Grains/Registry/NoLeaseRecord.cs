namespace Direct.Grains.Registry;

/// <summary>The record where there is no database: it never says that no gateway holds a lease.</summary>
internal sealed class NoLeaseRecord : ILeaseRecord
{
    public Task<bool> IsClearAsync() => Task.FromResult(false);

    public Task SetAsync(Guid token) => Task.CompletedTask;

    public Task ClearAsync(Guid token) => Task.CompletedTask;
}
