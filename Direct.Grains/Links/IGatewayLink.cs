using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>One live gateway, as a silo reaches it.</summary>
internal interface IGatewayLink
{
    Guid Id { get; }

    string Name { get; }

    /// <summary>Whether nobody should wait for its answer to a batch of this lane.</summary>
    bool IsStuck(Lane lane);

    /// <summary>Whether it has answered nothing for so long that it is not just slow.</summary>
    bool IsHung(Lane lane);

    /// <summary>Puts a batch behind all others of its lane that wait for this gateway.</summary>
    void Send(IDelivery delivery);

    /// <summary>Asks it about its connections, once. Null when it does not answer in time, or is fenced.</summary>
    Task<ConnectionReply?> AskAsync(ConnectionQuestion question);
}
