namespace Direct.Edge.Identity;

/// <summary>User ids for <c>env=test</c>.</summary>
public interface ITestIds
{
    /// <summary>Returns the next id: positive, small, and given to nobody else in the cluster.</summary>
    ValueTask<long> NextAsync(CancellationToken cancellationToken);
}

/// <summary>1, 2, 3 … on one node.</summary>
internal sealed class LocalTestIds : ITestIds
{
    private long _last;

    public ValueTask<long> NextAsync(CancellationToken cancellationToken) => new(Interlocked.Increment(ref _last));
}
