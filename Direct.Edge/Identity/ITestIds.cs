namespace Direct.Edge.Identity;

/// <summary>Assigns user ids with <c>env=test</c>.</summary>
public interface ITestIds
{
    /// <summary>Returns the next id, which is positive, small, and unique in the cluster.</summary>
    ValueTask<long> NextAsync(CancellationToken cancellationToken);
}

/// <summary>Assigns 1, 2, 3 … on a single node.</summary>
internal sealed class LocalTestIds : ITestIds
{
    private long _last;

    public ValueTask<long> NextAsync(CancellationToken cancellationToken) => new(Interlocked.Increment(ref _last));
}
