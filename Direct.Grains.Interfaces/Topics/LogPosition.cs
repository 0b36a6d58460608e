namespace Direct.Grains.Topics;

/// <summary>Represents the place of a message in the log of its topic, between processes.</summary>
/// <param name="Epoch">The random id of a part of the log, above 0; 0 if the message has no place in a log.</param>
/// <param name="Offset">The number of the message in its log, from 1 and without holes; 0 if the message has no place in a log.</param>
[GenerateSerializer, Immutable, Alias("direct.stamp")]
public readonly record struct LogPosition([property: Id(0)] long Epoch, [property: Id(1)] long Offset)
{
    /// <summary>Specifies the highest offset, which no log reaches.</summary>
    public const long MaxOffset = long.MaxValue / 2;

    /// <summary>Gets the position of a message that is not kept.</summary>
    public static LogPosition None => default;
}

/// <summary>Represents one epoch of a log. The epochs of a log in their order are its epoch table; only the last one is open.</summary>
/// <param name="Epoch">The random id of the epoch, above 0.</param>
/// <param name="End">The offset of its last message, from 0; <see cref="Open"/> if it has not ended.</param>
/// <param name="ClosedFor">How long ago it ended, as far as the sender knows; zero if it has not ended.</param>
[GenerateSerializer, Immutable, Alias("direct.epoch-mark")]
public readonly record struct EpochMark([property: Id(0)] long Epoch, [property: Id(1)] long End, [property: Id(2)] TimeSpan ClosedFor)
{
    /// <summary>Specifies the end of an epoch that has not ended.</summary>
    public const long Open = long.MaxValue;
}

/// <summary>Represents what makes two deliveries the same message: its publisher and sequence, or the id that its sender gave.</summary>
/// <param name="Publisher">The gateway that published it, by the id of its run.</param>
/// <param name="Sequence">The number that this publisher gave it in its lane, from 1.</param>
/// <param name="IdHash">The first 128 bits of the SHA-256 of id, target and text; empty if it has no id.</param>
[GenerateSerializer, Immutable, Alias("direct.origin")]
public readonly record struct MessageOrigin([property: Id(0)] Guid Publisher, [property: Id(1)] long Sequence, [property: Id(2)] Guid IdHash);

/// <summary>Represents an entry of a log.</summary>
/// <param name="Offset">Its offset, from 1.</param>
/// <param name="Origin">What identifies the message; empty if that is not remembered, because no repeat can come any more.</param>
/// <param name="Group">The group that a message to a user is limited to; otherwise 0.</param>
/// <param name="Channel">The channel that a message to a user is limited to; otherwise 0.</param>
/// <param name="Payload">UTF-8 text, which is never modified; empty if <paramref name="IsVoid"/>.</param>
/// <param name="IsVoid">Whether it is sent to nobody, because its id was used for another message.</param>
[GenerateSerializer, Immutable, Alias("direct.kept-message")]
public readonly record struct KeptMessage(
    [property: Id(0)] long Offset,
    [property: Id(1)] MessageOrigin Origin,
    [property: Id(2)] long Group,
    [property: Id(3)] long Channel,
    [property: Id(4)] byte[] Payload,
    [property: Id(5)] bool IsVoid);
