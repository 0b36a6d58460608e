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
    /// <returns>
    /// One answer for each signal, batch by batch. Null if the gateway is fenced and has accepted nothing, or if earlier messages of a kept topic are missing at it:
    /// repeat the call.
    /// </returns>
    [Alias("deliver"), ResponseTimeout("00:00:01")]
    Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches);

    /// <summary>Answers for all connections of the gateway, through any of its observers, and without waiting for deliveries.</summary>
    /// <returns>The response; null if the gateway is fenced.</returns>
    [Alias("ask"), ResponseTimeout("00:00:02"), AlwaysInterleave]
    Task<ConnectionResponse?> QueryAsync(ConnectionQuery query);

    /// <summary>
    /// Answers what the gateway keeps of these lanes, and promises to refuse lower ballots, through any of its observers. Called only if
    /// <see cref="GatewayEntry.Keeps"/>.
    /// </summary>
    /// <param name="requests">At most one for each lane.</param>
    /// <returns>One answer for each request; null if the gateway is fenced and has promised nothing.</returns>
    [Alias("recover"), ResponseTimeout("00:00:04"), AlwaysInterleave]
    Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests);

    /// <summary>Returns messages that the gateway keeps, through any of its observers. Called only if <see cref="GatewayEntry.Keeps"/>.</summary>
    /// <param name="request">What is wanted, with the ballot of the asking activation.</param>
    /// <returns>The messages; <see cref="TailStatus.NotReady"/> also if the gateway is fenced.</returns>
    [Alias("read-kept"), ResponseTimeout("00:00:01"), AlwaysInterleave]
    Task<TailPage> ReadKeptAsync(FetchRequest request);

    /// <summary>
    /// Installs the logs of topics, and keeps those without a connection that have a <see cref="KeepRequest.KeepFor"/>, through any of the gateway's observers. Called only
    /// if <see cref="GatewayEntry.Keeps"/>.
    /// </summary>
    /// <param name="requests">At most <see cref="KeepRequest.MaxTopics"/>, of any lanes.</param>
    /// <returns>
    /// Whether all were installed: the gateway keeps each topic with this table, and has the messages up to its head or fetches them. False also if the
    /// gateway is fenced, has promised a higher ballot for one of them, or does not keep one without a connection; then the others are installed.
    /// </returns>
    [Alias("keep"), ResponseTimeout("00:00:01"), AlwaysInterleave]
    Task<bool> KeepAsync(KeepRequest[] requests);
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
