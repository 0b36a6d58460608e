using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Links;

/// <summary>Represents one live gateway to the grains of a silo.</summary>
internal interface IGatewayLink
{
    Guid Id { get; }

    string Name { get; }

    /// <summary>Gets whether the gateway can keep topics, so that a new activation of a lane asks it. It may keep none at present.</summary>
    bool Keeps { get; }

    /// <summary>Returns whether publishers should not wait for the gateway's answer to a batch of this lane.</summary>
    bool IsSlow(Lane lane);

    /// <summary>Returns whether the gateway has not answered for longer than a slow gateway takes.</summary>
    bool IsUnresponsive(Lane lane);

    /// <summary>Returns whether a call to the gateway, for any lane, has been unanswered for longer than a slow gateway takes to answer.</summary>
    bool IsUnresponsive();

    /// <summary>Queues a batch after all others of its lane that wait for this gateway. The next <see cref="Flush"/> sends it.</summary>
    void Send(IDelivery delivery);

    /// <summary>
    /// Starts to send what waits. Must not be called under the lock of a lane: a gateway in this process takes and answers it before this returns.
    /// </summary>
    void Flush();

    /// <summary>Asks the gateway about its connections, once. Returns null if it does not answer in time or is fenced.</summary>
    Task<ConnectionResponse?> QueryAsync(ConnectionQuery query);

    /// <summary>
    /// Asks the gateway what it keeps of a lane, once, together with other lanes. Returns null if it does not answer in time, is fenced or has left.
    /// </summary>
    /// <param name="request">The question.</param>
    /// <param name="cancellationToken">Ends the wait; a question that has not been sent by then is not sent any more.</param>
    Task<RecoverAnswer?> RecoverAsync(RecoverRequest request, CancellationToken cancellationToken);

    /// <summary>Reads messages that the gateway keeps, once. Returns <see cref="TailPage.NotReady"/> if it does not answer in time.</summary>
    Task<TailPage> ReadKeptAsync(FetchRequest request);

    /// <summary>Tells the gateway the logs of topics, once. Returns false if it has not installed all of them, or does not answer in time.</summary>
    /// <param name="requests">At most <see cref="KeepRequest.MaxTopics"/>.</param>
    Task<bool> KeepAsync(KeepRequest[] requests);
}
