using Direct.Grains.Topics;

namespace Direct.Grains.Gateways;

/// <summary>
/// Sends a canary to a gateway through every silo: a signal that shows whether the silo reaches the gateway. There is one wherever it is asked
/// for. The key has no meaning.
/// </summary>
[Alias("direct.canaries")]
public interface ICanaryGrain : IGrainWithIntegerKey
{
    /// <summary>Sends a canary through the lane of each active silo, at the same time. It does not wait for their arrival.</summary>
    /// <param name="gateway">The gateway that sends them to itself: its id in this run.</param>
    /// <param name="number">The gateway's rising number of the round.</param>
    /// <returns>What became of it on each active silo.</returns>
    [Alias("send"), ResponseTimeout("00:00:02"), NextSilo]
    ValueTask<SentCanary[]> SendAsync(Guid gateway, long number);
}

/// <summary>
/// The lane of one silo for canaries, which delivers them as every lane delivers its signals. The key is the silo's address: there is no other grain
/// of which one is on each silo.
/// </summary>
[Alias("direct.canary-lane")]
public interface ICanaryLaneGrain : IGrainWithStringKey
{
    /// <summary>Puts a canary into the queue for a gateway: a batch of <see cref="TopicScope.Canary"/> with the name of this silo.</summary>
    /// <returns>
    /// False when it was not sent, because this silo is not sure of the cluster, does not know the gateway, or has a canary under way to it that
    /// has not been acknowledged.
    /// </returns>
    [Alias("send"), ResponseTimeout("00:00:01")]
    ValueTask<bool> SendAsync(Guid gateway, long number);
}

/// <summary>What became of a canary on one silo.</summary>
public enum CanaryOutcome : byte
{
    /// <summary>It is on its way to the gateway.</summary>
    Sent = 0,

    /// <summary>The silo could not send it, or has not answered.</summary>
    NotSent = 1,

    /// <summary>The silo's version has no canaries, as 0.1.0 has not: nothing can be said of it.</summary>
    Unknown = 2,
}

/// <summary>What became of a canary on one silo.</summary>
/// <param name="Silo">The silo's name.</param>
/// <param name="Outcome">What became of it.</param>
[GenerateSerializer, Immutable, Alias("direct.sent-canary")]
public readonly record struct SentCanary([property: Id(0)] string Silo, [property: Id(1)] CanaryOutcome Outcome);
