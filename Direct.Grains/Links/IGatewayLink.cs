using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>Represents one live gateway to the grains of a silo.</summary>
internal interface IGatewayLink
{
    Guid Id { get; }

    string Name { get; }

    /// <summary>Returns whether publishers should not wait for the gateway's answer to a batch of this lane.</summary>
    bool IsSlow(Lane lane);

    /// <summary>Returns whether the gateway has not answered for longer than a slow gateway takes.</summary>
    bool IsUnresponsive(Lane lane);

    /// <summary>Queues a batch after all others of its lane that wait for this gateway.</summary>
    void Send(IDelivery delivery);

    /// <summary>Asks the gateway about its connections, once. Returns null if it does not answer in time or is fenced.</summary>
    Task<ConnectionResponse?> QueryAsync(ConnectionQuery query);
}
