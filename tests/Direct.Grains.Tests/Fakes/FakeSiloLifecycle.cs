namespace Direct.Grains.Tests.Fakes;

/// <summary>Of a silo's lifecycle, only what the class under test subscribes.</summary>
internal sealed class FakeSiloLifecycle : ISiloLifecycle
{
    private ILifecycleObserver? _observer;

    public int HighestCompletedStage => 0;

    public int LowestStoppedStage => 0;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observer = observer;
        return new MemoryStream();
    }

    public Task StartAsync(CancellationToken cancellationToken) => _observer!.OnStart(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _observer!.OnStop(cancellationToken);
}
