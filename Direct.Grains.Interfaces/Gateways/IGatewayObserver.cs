using Direct.Grains.Topics;
using Orleans.Concurrency;

namespace Direct.Grains.Gateways;

/// <summary>
/// How silos reach a gateway. A gateway has a few of these, each taking its share of the lanes; a silo has one call under way to each,
/// and its answer is both the acknowledgement and the leave to send more.
/// </summary>
[Alias("direct.gateway-observer")]
public interface IGatewayObserver : IGrainObserver
{
    /// <summary>Takes the batches, in order, into the queues of the connections that match. Never waits for a socket.</summary>
    /// <returns>One answer for each signal, batch by batch; null if the gateway is fenced and has taken nothing.</returns>
    [Alias("deliver"), ResponseTimeout("00:00:01")]
    Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches);

    /// <summary>Answers for all connections of the gateway, through any of its observers, and without waiting for deliveries.</summary>
    /// <returns>Null when the gateway is fenced.</returns>
    [Alias("ask"), ResponseTimeout("00:00:02"), AlwaysInterleave]
    Task<ConnectionReply?> QueryAsync(ConnectionQuestion question);
}

/// <summary>What a gateway did with one signal.</summary>
/// <param name="Status">Whether it took it.</param>
/// <param name="Connections">The number of connections that took it; for a repeat, the count of the first time.</param>
/// <param name="IsWanted">Whether the gateway wants more of this topic.</param>
/// <param name="Number">The gateway's rising number for this topic, as of <paramref name="IsWanted"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-answer")]
public readonly record struct GatewayAnswer(
    [property: Id(0)] DeliveryStatus Status,
    [property: Id(1)] int Connections,
    [property: Id(2)] bool IsWanted,
    [property: Id(3)] long Number);
