using System.Collections.Concurrent;

namespace Direct.Grains.Gateways;

/// <summary>The observers of gateways in this process. The silo of this process calls them directly, without a call of Orleans.</summary>
internal sealed class LocalGateways
{
    private readonly ConcurrentDictionary<Guid, IGatewayObserver[]> _observers = new();

    /// <summary>Adds a gateway. It must be called before the gateway registers.</summary>
    /// <param name="id">The id under which it will register.</param>
    /// <param name="observers">As many as it registers.</param>
    public void Add(Guid id, IGatewayObserver[] observers) => _observers[id] = observers;

    public void Remove(Guid id) => _observers.TryRemove(id, out _);

    /// <summary>Returns the observers of a gateway in this process; null if it is in another.</summary>
    public IGatewayObserver[]? Find(Guid id) => _observers.GetValueOrDefault(id);
}
