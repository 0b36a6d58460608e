using Direct.Grains;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a lane whose activation ends again and again, and its gateways. Some calls to it fail, and some of its responses are lost.</summary>
internal sealed class ModelLane : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ModelGateway> _gateways = [];
    private readonly GrainMetrics _metrics = new(new TestMeters());
    private readonly ManualTimeProvider _time;
    private volatile ModelActivation _activation;
    private int _repeats;

    public ModelLane(ManualTimeProvider time)
    {
        _time = time;
        _activation = new ModelActivation(_metrics, time, []);
    }

    public IReadOnlyList<ModelGateway> Gateways
    {
        get
        {
            lock (_gate)
            {
                return [.. _gateways];
            }
        }
    }

    /// <summary>Gets the number of publish calls with a batch that had been sent before.</summary>
    public int Repeats => Volatile.Read(ref _repeats);

    /// <summary>Throws for one call or response in ten, which is then lost.</summary>
    public static async ValueTask MayFailAsync()
    {
        await Task.Yield();
        if (Random.Shared.Next(10) == 0)
        {
            throw new TimeoutException("lost, as the model says");
        }
    }

    /// <summary>Waits for a random time on the clock of the model.</summary>
    public Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 200)), _time);

    /// <summary>Registers a gateway, which accepts members only after this call.</summary>
    public ModelGateway AddGateway()
    {
        lock (_gate)
        {
            var gateway = new ModelGateway(_time);
            _gateways.Add(gateway);
            _activation.Add(gateway);
            return gateway;
        }
    }

    /// <summary>Ends the activation and starts another one on another silo.</summary>
    public void Move()
    {
        lock (_gate)
        {
            _activation.Die();
            _activation = new ModelActivation(_metrics, _time, _gateways);
        }
    }

    public async Task<bool> TrySubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        try
        {
            await MayFailAsync();
            return await _activation.RunAsync(router => ValueTask.FromResult(router.Subscribe(topic, gateway, number)));
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Unsubscribes a gateway from the topic. A lost call has no effect, except that the gateway stays subscribed.</summary>
    public async Task UnsubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        try
        {
            await MayFailAsync();
            await _activation.RunAsync(router =>
            {
                router.Unsubscribe(topic, gateway, number);
                return ValueTask.FromResult(true);
            });
        }
        catch (TimeoutException)
        {
        }
    }

    public async Task<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        Interlocked.Add(ref _repeats, batch.IsRepeat ? 1 : 0);
        await MayFailAsync();
        var answer = await _activation.RunAsync(router => router.PublishAsync(batch, expectedEpoch));
        await MayFailAsync();
        return answer;
    }

    public async Task<PublishAnswer> CollectAsync(Guid publisher, long sequence)
    {
        await MayFailAsync();
        return await _activation.RunAsync(router => router.CollectAsync(publisher, sequence));
    }

    public void Dispose() => _metrics.Dispose();
}
