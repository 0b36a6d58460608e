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

    /// <summary>Queues a batch after all others of its lane that wait for this gateway. The next <see cref="Flush"/> sends it.</summary>
    void Send(IDelivery delivery);

    /// <summary>
    /// Starts to send what waits. Must not be called under the lock of a lane: a gateway in this process takes and answers it before this returns.
    /// </summary>
    void Flush();

    /// <summary>Asks the gateway about its connections, once. Returns null if it does not answer in time or is fenced.</summary>
    Task<ConnectionResponse?> QueryAsync(ConnectionQuery query);
}
