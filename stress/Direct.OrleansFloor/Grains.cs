using Orleans.Concurrency;
using Orleans.Placement;

namespace Direct.OrleansFloor;

/// <summary>Represents what a gateway is to a lane: it takes messages and answers.</summary>
public interface IReceiver : IGrainObserver
{
    Task<int> DeliverAsync(byte[] payload);
}

/// <summary>Represents what a lane is to a gateway, without order, repeats and receipts.</summary>
public interface IRoomGrain : IGrainWithIntegerKey
{
    Task SubscribeAsync(IReceiver receiver);

    Task<int> PublishAsync(byte[] payload);
}

[Reentrant, RandomPlacement]
public sealed class RoomGrain : Grain, IRoomGrain
{
    private IReceiver? _receiver;

    public Task SubscribeAsync(IReceiver receiver)
    {
        _receiver = receiver;
        return Task.CompletedTask;
    }

    public Task<int> PublishAsync(byte[] payload) => _receiver?.DeliverAsync(payload) ?? Task.FromResult(0);
}

internal sealed class Receiver : IReceiver
{
    public Task<int> DeliverAsync(byte[] payload) => Task.FromResult(1);
}
