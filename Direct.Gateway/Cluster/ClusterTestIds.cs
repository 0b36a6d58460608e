using Direct.Edge.Identity;
using Direct.Grains.Gateways;

namespace Direct.Gateway.Cluster;

/// <summary>Assigns test ids that are unique in the cluster, in small blocks from the registry. A cluster of one gateway assigns 1, 2, 3 ….</summary>
internal sealed class ClusterTestIds(IGrainFactory grains, GatewayLease lease, TimeProvider timeProvider) : ITestIds, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _turn = new(1);
    private long _next;
    private long _end;

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (_next == _end)
            {
                if (lease.IsFenced)
                {
                    throw new OperationCanceledException("The connection is being closed, and the fence waits for its end.");
                }

                await TakeBlockAsync(cancellationToken);
            }

            return _next++;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task TakeBlockAsync(CancellationToken cancellationToken)
    {
        var first = await TryTakeAsync();
        if (first == 0)
        {
            await Task.Delay(RetryDelay, timeProvider, cancellationToken);
            return;
        }

        (_next, _end) = (first, first + IGatewayRegistryGrain.TestIdBlock);
        lease.HighestTestId = _end - 1;
    }

    // Returns 0 if the registry is not ready, or is moving from a silo that has ended. Clients then wait and are not refused.
    private async Task<long> TryTakeAsync()
    {
        try
        {
            return await grains.GetGrain<IGatewayRegistryGrain>(0).TakeTestIdsAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return 0;
        }
    }
}
