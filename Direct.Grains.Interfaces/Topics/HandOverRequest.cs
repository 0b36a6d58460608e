namespace Direct.Grains.Topics;

/// <summary>Describes a topic that a gateway keeps until it leaves the cluster, which it does next because it is being stopped. Clients of the topic may come back elsewhere.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="First">The offset of the first message that the gateway has; that after the last message if it has none.</param>
[GenerateSerializer, Immutable, Alias("direct.hand-over-request")]
public readonly record struct HandOverRequest([property: Id(0)] TopicKey Topic, [property: Id(1)] long First)
{
    /// <summary>Specifies the largest number of topics in one call.</summary>
    public const int MaxTopics = 1000;
}
