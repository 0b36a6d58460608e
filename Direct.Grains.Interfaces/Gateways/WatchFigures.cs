namespace Direct.Grains.Gateways;

/// <summary>The matching connections of one gateway, for a live view.</summary>
/// <param name="Open">Those that are open, with the lowest ids.</param>
/// <param name="Next">The number of what the gateway records next.</param>
/// <param name="Ended">Matching connections that have ended in the last seconds.</param>
/// <param name="Delivered">Messages that were delivered in the last seconds, where that is recorded.</param>
[GenerateSerializer, Immutable, Alias("direct.watch-figures")]
public sealed record WatchFigures(
    [property: Id(0)] OpenConnectionFigures[] Open,
    [property: Id(1)] long Next,
    [property: Id(2)] EndedConnectionFigures[] Ended,
    [property: Id(3)] DeliveredMessageFigures[] Delivered);

/// <summary>One open connection.</summary>
/// <param name="Id">Its id on its gateway.</param>
/// <param name="Group">Its group.</param>
/// <param name="Channel">Its channel.</param>
/// <param name="User">Its user.</param>
/// <param name="Age">How long it has been open.</param>
/// <param name="QueuedBytes">The memory of its queue.</param>
[GenerateSerializer, Immutable, Alias("direct.open-connection")]
public readonly record struct OpenConnectionFigures(
    [property: Id(0)] long Id,
    [property: Id(1)] long Group,
    [property: Id(2)] long Channel,
    [property: Id(3)] long User,
    [property: Id(4)] TimeSpan Age,
    [property: Id(5)] long QueuedBytes);

/// <summary>One connection that has ended.</summary>
/// <param name="Number">Its number among what the gateway has recorded.</param>
/// <param name="Id">The id that it had.</param>
/// <param name="Group">Its last group.</param>
/// <param name="Channel">Its last channel.</param>
/// <param name="User">Its user.</param>
/// <param name="Code">The close code, or 0.</param>
/// <param name="Reason">Why, one of a closed set.</param>
[GenerateSerializer, Immutable, Alias("direct.ended-connection")]
public readonly record struct EndedConnectionFigures(
    [property: Id(0)] long Number,
    [property: Id(1)] long Id,
    [property: Id(2)] long Group,
    [property: Id(3)] long Channel,
    [property: Id(4)] long User,
    [property: Id(5)] ushort Code,
    [property: Id(6)] string Reason);

/// <summary>One delivered message, without its text.</summary>
/// <param name="Number">Its number among what the gateway has recorded.</param>
/// <param name="Group">Target group, 0 for any.</param>
/// <param name="Channel">Target channel, 0 for any.</param>
/// <param name="User">Target user, 0 for any.</param>
/// <param name="Bytes">Its length in UTF-8.</param>
/// <param name="Hash">The first 8 hexadecimal digits of its SHA-256.</param>
/// <param name="Connections">The number of connections that took it.</param>
[GenerateSerializer, Immutable, Alias("direct.delivered-message")]
public readonly record struct DeliveredMessageFigures(
    [property: Id(0)] long Number,
    [property: Id(1)] long Group,
    [property: Id(2)] long Channel,
    [property: Id(3)] long User,
    [property: Id(4)] int Bytes,
    [property: Id(5)] string Hash,
    [property: Id(6)] int Connections);
