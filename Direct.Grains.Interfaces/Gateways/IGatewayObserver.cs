using Direct.Grains.Topics;
using Orleans.Concurrency;

namespace Direct.Grains.Gateways;

/// <summary>
/// Receives the calls of silos to a gateway. A gateway has several observers, each for a share of the lanes. A silo has one call to each in flight;
/// its answer is both the acknowledgement and the permission to send more.
/// </summary>
[Alias("direct.gateway-observer")]
public interface IGatewayObserver : IGrainObserver
{
    /// <summary>Queues the batches, in order, for the connections that match. It never waits for a socket.</summary>
    /// <returns>One answer for each signal, batch by batch; null if the gateway is fenced and has accepted nothing.</returns>
    [Alias("deliver"), ResponseTimeout("00:00:01")]
    Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches);

    /// <summary>Answers for all connections of the gateway, through any of its observers, and without waiting for deliveries.</summary>
    /// <returns>The response; null if the gateway is fenced.</returns>
    [Alias("ask"), ResponseTimeout("00:00:02"), AlwaysInterleave]
    Task<ConnectionResponse?> QueryAsync(ConnectionQuery query);
}

/// <summary>Represents the answer of a gateway to one signal.</summary>
/// <param name="Status">Whether the gateway accepted it.</param>
/// <param name="Connections">The number of connections that received it; for a repeat, the count of the first delivery.</param>
/// <param name="IsWanted">Whether the gateway wants more of this topic.</param>
/// <param name="Number">The gateway's ascending number for this topic, as of <paramref name="IsWanted"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-answer")]
public readonly record struct GatewayAnswer(
    [property: Id(0)] DeliveryStatus Status,
    [property: Id(1)] int Connections,
    [property: Id(2)] bool IsWanted,
    [property: Id(3)] long Number);
