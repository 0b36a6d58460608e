using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Lifetime;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Lifetime;

public sealed class DrainServiceTests : IDisposable
{
    private readonly TestGateway _gateway = new();
    private readonly FakeLifetime _lifetime = new();
    private readonly NodeHealth _health;
    private readonly FakeServer _server = new();
    private readonly DrainOptions _options = new() { ReadyDelay = TimeSpan.FromSeconds(5) };
    private readonly List<InMemoryClient> _clients = [];

    public DrainServiceTests() => _health = new NodeHealth(new NodeGate(), _lifetime);

    public void Dispose()
    {
        _gateway.Dispose();
        _lifetime.Dispose();
    }

    [Fact]
    public async Task StoppingAsync_AtFirst_IsNotReadyAndStillAccepts()
    {
        Connect(3);
        using var drain = Create();

        var stopping = drain.StoppingAsync(TestContext.Current.CancellationToken);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(4.9));

        Assert.Equal((true, false, 0), (_health.IsDraining, _server.IsStopped, ClosedCount()));
        await PassAsync(stopping);
    }

    [Theory]
    [InlineData("test", false)]
    [InlineData("production", true)]
    public async Task StoppingAsync_ReadyDelayNotSet_IsZeroInATestNodeAlone(string environment, bool waits)
    {
        _gateway.Node.Environment = environment;
        _options.ReadyDelay = null;
        using var drain = Create();

        var stopping = drain.StoppingAsync(TestContext.Current.CancellationToken);

        Assert.Equal(waits, !_server.IsStopped);
        await PassAsync(stopping);
    }

    [Fact]
    public async Task StoppingAsync_AfterTheDelay_ClosesTheListenersBeforeTheLastConnection()
    {
        Connect(100);
        using var drain = Create();
        var stopping = drain.StoppingAsync(TestContext.Current.CancellationToken);

        _gateway.Clock.Advance(TimeSpan.FromSeconds(5.1));

        await Deadline.UntilAsync("the listeners' close", () => _server.IsStopped);
        Assert.InRange(ClosedCount(), 0, 99);
        await PassAsync(stopping);
    }

    [Fact]
    public async Task StoppingAsync_Finished_HasToldEveryoneToComeBack()
    {
        Connect(100);
        using var drain = Create();

        await PassAsync(drain.StoppingAsync(TestContext.Current.CancellationToken));

        Assert.All(_clients, client => Assert.Equal(4001, client.Transport.Close?.Code));
    }

    // 200 connections take 20 s at 10 per second; a window of 4 s needs 50 per second. Half way, half of them are closed.
    [Theory]
    [InlineData(10, 30, 20)]
    [InlineData(100, 30, 2)]
    [InlineData(10, 4, 4)]
    public async Task StoppingAsync_ManyConnections_ClosesThemEvenlyOverTheTime(int closesPerSecond, int windowSeconds, int expectedSeconds)
    {
        const int Count = 200;
        (_options.ClosesPerSecond, _options.Window, _options.ReadyDelay) = (closesPerSecond, TimeSpan.FromSeconds(windowSeconds), TimeSpan.Zero);
        _gateway.Connections.CloseTimeout = TimeSpan.FromMinutes(5);
        Connect(Count);
        using var drain = Create();
        var closed = new List<int>();
        var started = _gateway.Clock.GetUtcNow();

        await PassAsync(drain.StoppingAsync(TestContext.Current.CancellationToken), () => closed.Add(ClosedCount()));

        var took = (_gateway.Clock.GetUtcNow() - started).TotalSeconds;
        Assert.InRange(took, expectedSeconds * 0.95, (expectedSeconds * 1.05) + 0.1);
        Assert.InRange(closed[closed.Count / 2], Count * 0.45, Count * 0.55);
        Assert.Equal(Count, ClosedCount());
    }

    [Fact]
    public async Task StoppingAsync_NobodyConnected_EndsAfterTheDelay()
    {
        using var drain = Create();

        await PassAsync(drain.StoppingAsync(TestContext.Current.CancellationToken));

        Assert.True(_server.IsStopped);
    }

    [Fact]
    public async Task StoppingAsync_EveryConnectionEnded_SaysSo()
    {
        using var drain = Create();

        await PassAsync(drain.StoppingAsync(TestContext.Current.CancellationToken));

        Assert.Contains(_gateway.Logger.Entries, entry => entry.EventId == EdgeEventIds.DrainEnded);
        Assert.DoesNotContain(_gateway.Logger.Entries, entry => entry.EventId == EdgeEventIds.DrainIncomplete);
    }

    // The server drops the remaining connections after its timeout. They must not be reported as drained.
    [Fact]
    public async Task StoppingAsync_ConnectionsThatDoNotEndInTime_SaysHowManyAreDropped()
    {
        Connect(3);
        await _clients[0].LoseAsync();
        using var drain = Create();

        await PassAsync(drain.StoppingAsync(TestContext.Current.CancellationToken), isServerStopped: false);

        var (level, _, text) = Assert.Single(_gateway.Logger.Entries, entry => entry.EventId == EdgeEventIds.DrainIncomplete);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(" 2 WebSockets ", text, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Logger.Entries, entry => entry.EventId == EdgeEventIds.DrainEnded);
    }

    // Otherwise the oldest connections would all reconnect first, to the same few nodes.
    [Fact]
    public async Task StoppingAsync_ManyConnections_ClosesThemInNoParticularOrder()
    {
        (_options.ClosesPerSecond, _options.ReadyDelay) = (50, TimeSpan.Zero);
        Connect(200);
        using var drain = Create();
        var order = new List<InMemoryClient>();

        await PassAsync(
            drain.StoppingAsync(TestContext.Current.CancellationToken),
            () => order.AddRange(_clients.Where(client => client.Connection.CloseReason is not null).Except(order)));

        Assert.NotEqual(_clients, order);
    }

    [Theory]
    [InlineData(null, 45)]
    [InlineData(0, 40)]
    [InlineData(60, 100)]
    public void Longest_AnySettings_LeavesTimeForAllOfIt(int? readyDelaySeconds, int atLeast)
    {
        var longest = DrainService.Longest(
            new DrainOptions { ReadyDelay = readyDelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, Window = TimeSpan.FromSeconds(30) },
            new ConnectionOptions { CloseTimeout = TimeSpan.FromSeconds(5) });

        Assert.InRange(longest.TotalSeconds, atLeast, atLeast + 10);
    }

    private void Connect(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _clients.Add(_gateway.Connect());
        }
    }

    private int ClosedCount() => _clients.Count(client => client.Connection.CloseReason is not null);

    // Moves the clock in small steps, each after the drain has armed its timer again.
    private async Task PassAsync(Task stopping, Action? look = null, bool isServerStopped = true)
    {
        if (isServerStopped)
        {
            _server.WhenStopped.TrySetResult();
        }

        while (!stopping.IsCompleted)
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(10));
            await Deadline.UntilAsync(
                "the drain's next step",
                () => stopping.IsCompleted || _gateway.Clock.ArmedTimers >= 2,
                actual: () => $"{ClosedCount()} of {_clients.Count} closed");
            look?.Invoke();
        }

        await stopping;
    }

    private DrainService Create()
    {
        _ = _gateway.Hub;
        var services = new ServiceCollection()
            .AddSingleton(_gateway.Registry)
            .AddSingleton(_gateway.Wheel)
            .AddSingleton(_health)
            .AddSingleton<IServer>(_server)
            .AddSingleton(Options.Create(_options))
            .AddSingleton(Options.Create(_gateway.Connections))
            .AddSingleton(Options.Create(_gateway.Node))
            .AddSingleton<TimeProvider>(_gateway.Clock)
            .AddSingleton(_gateway.Logger.For<DrainService>());
        return ActivatorUtilities.CreateInstance<DrainService>(services.BuildServiceProvider());
    }

    private sealed class FakeServer : IServer
    {
        public TaskCompletionSource WhenStopped { get; } = new();

        public bool IsStopped { get; private set; }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            cancellationToken.Register(() => WhenStopped.TrySetResult()); // the server drops the remaining connections and has then stopped
            return WhenStopped.Task;
        }

        public void Dispose()
        {
        }
    }
}
