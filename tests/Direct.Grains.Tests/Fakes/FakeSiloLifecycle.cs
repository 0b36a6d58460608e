namespace Direct.Grains.Tests.Fakes;

/// <summary>Of a silo's lifecycle, only what the class under test subscribes.</summary>
internal sealed class FakeSiloLifecycle : ISiloLifecycle
{
    private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

    public int HighestCompletedStage => 0;

    public int LowestStoppedStage => 0;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add((stage, observer));
        return new MemoryStream();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_observers.Select(each => each.Observer.OnStart(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_observers.Select(each => each.Observer.OnStop(cancellationToken)));

    /// <summary>Stops one stage.</summary>
    public Task StopAsync(int stage, CancellationToken cancellationToken) =>
        Task.WhenAll(_observers.Where(each => each.Stage == stage).Select(each => each.Observer.OnStop(cancellationToken)));
}
