using Direct.Gateway.Cluster;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterTestIdsTests : IAsyncDisposable
{
    private readonly GatewayLeaseFixture _gateway = new();
    private readonly ClusterTestIds _ids;

    public ClusterTestIdsTests() => _ids = new ClusterTestIds(_gateway.Grains, _gateway.Lease, _gateway.Time);

    [Fact]
    public async Task Next_BlocksInBetweenWentElsewhere_GoesOnWithItsOwn()
    {
        await TakeAsync(1);
        await _gateway.Grains.Registry.TakeTestIdsAsync();

        var ids = await TakeAsync(100);

        Assert.Equal([100, 201], ids[^2..]);
    }

    [Fact]
    public async Task Next_ABlockIsTaken_ItsEndIsReported()
    {
        await TakeAsync(101);

        Assert.Equal(200, _gateway.Lease.HighestTestId);
    }

    [Fact]
    public async Task Next_RegistryIsNotReady_AsksAgain()
    {
        _gateway.Grains.Registry.TestIdRefusals = 2;
        var taking = _ids.NextAsync(CancellationToken.None).AsTask();
        for (var i = 0; i < 2; i++)
        {
            await Deadline.UntilAsync("a retry is due", () => _gateway.Time.ArmedTimers > 0);
            _gateway.Time.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.Equal(1, await taking.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    /// <summary>Tests a call that fails because the registry's silo has just died. Another silo answers half a second later.</summary>
    [Fact]
    public async Task Next_RegistryCannotBeReached_AsksAgain()
    {
        var calls = 0;
        _gateway.Grains.Registry.OnTakeTestIds = () => ++calls == 1 ? Task.FromException(new TimeoutException("as the test says")) : Task.CompletedTask;
        var taking = _ids.NextAsync(CancellationToken.None).AsTask();
        await Deadline.UntilAsync("a retry is due, or it is over", () => _gateway.Time.ArmedTimers > 0 || taking.IsCompleted);
        _gateway.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, await taking.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _ids.Dispose();
        await _gateway.DisposeAsync();
    }

    private async Task<List<long>> TakeAsync(int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await _ids.NextAsync(CancellationToken.None));
        }

        return ids;
    }
}
