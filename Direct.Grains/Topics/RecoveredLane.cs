using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Represents the logs of a lane as gateways have kept them, for a new activation.</summary>
/// <param name="Ballot">The ballot of the activation.</param>
/// <param name="Topics">The kept topics.</param>
internal sealed record RecoveredLane(Ballot Ballot, IReadOnlyList<RecoveredTopic> Topics);

/// <summary>Represents the log of a topic as gateways have kept it.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Table">The epoch table, with the open epoch of the activation.</param>
/// <param name="Head">The offset of the last message.</param>
/// <param name="Headers">The messages that may be repeated, in ascending order.</param>
/// <param name="Messages">The end of the log, contiguous up to the head; there may be none.</param>
/// <param name="Keepers">The gateways that keep the topic, with the numbers of their subscriptions.</param>
/// <param name="First">The offset of the first message that a gateway has. Those before <paramref name="Messages"/> follow by <see cref="LaneRouter.Refill"/>.</param>
internal sealed record RecoveredTopic(
    TopicKey Topic,
    EpochTable Table,
    long Head,
    IReadOnlyList<KeptHeader> Headers,
    IReadOnlyList<KeptMessage> Messages,
    IReadOnlyList<(Guid Gateway, long Number)> Keepers,
    long First);
