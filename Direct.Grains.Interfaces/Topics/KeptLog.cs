namespace Direct.Grains.Topics;

/// <summary>Specifies the result of a subscription with keep.</summary>
public enum KeptStatus : byte
{
    /// <summary>The gateway is subscribed, and gets every message of the topic with its position.</summary>
    Kept = 0,

    /// <summary>The lane does not serve at present. Nothing has changed; try again.</summary>
    NotReady = 1,
}

/// <summary>Represents the answer to a subscription with keep: where the log is, and its end.</summary>
/// <param name="Status">The result. Unless it is <see cref="KeptStatus.Kept"/>, the other members are empty.</param>
/// <param name="Ballot">The ballot of the answering activation; null without recovery.</param>
/// <param name="Marks">The epoch table, the open epoch last.</param>
/// <param name="Head">The offset of the last message; 0 before the first.</param>
/// <param name="First">The offset of the first message that the lane still has; that after <paramref name="Head"/> if it has none.</param>
/// <param name="Recent">
/// The messages that a gateway may not have acknowledged yet: those of the last 25 s, as far as the lane has them. They are contiguous and end with
/// <paramref name="Head"/>; at most the bytes that a topic may keep, and at most <see cref="MaxRecentBytes"/>, the newest.
/// </param>
/// <param name="Headers">
/// Messages that may be repeated, in ascending order, those of <paramref name="Recent"/> too: their publishers have not reported them as acknowledged, or
/// their ids are remembered. At most <see cref="FetchRequest.PageBytes"/>. Before them comes what publishers have reported as acknowledged.
/// </param>
/// <param name="MoreHeadersAfter">The offset after which more headers follow, which <see cref="ILaneGrain.FetchHeadersAsync"/> returns; 0 if these are all.</param>
/// <param name="EndedLogs">How many logs of the lane have ended in this activation, as in <see cref="SignalBatch.EndedLogs"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.kept-answer")]
public sealed record KeptAnswer(
    [property: Id(0)] KeptStatus Status,
    [property: Id(1)] Ballot? Ballot,
    [property: Id(2)] EpochMark[] Marks,
    [property: Id(3)] long Head,
    [property: Id(4)] long First,
    [property: Id(5)] KeptMessage[] Recent,
    [property: Id(6)] KeptHeaders Headers,
    [property: Id(7)] long MoreHeadersAfter = 0,
    [property: Id(8)] int EndedLogs = 0)
{
    /// <summary>Specifies the bytes of <see cref="Recent"/>, unless a single message is longer.</summary>
    public const int MaxRecentBytes = 1024 * 1024;

    /// <summary>Represents the answer of a lane that is not ready.</summary>
    public static readonly KeptAnswer NotReady = new(KeptStatus.NotReady, null, [], 0, 0, [], []);
}

/// <summary>Represents a request for messages of a log, from a lane or from a gateway that keeps the topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="After">The offset after which messages are wanted, from 0.</param>
/// <param name="Through">The offset of the last message that is wanted; <see cref="ToHead"/> for all.</param>
/// <param name="IsNewestFirst">
/// Whether, if not all fit into the page, it has the newest of them. It goes back no further than the receiver has messages, and is not evicted by that.
/// </param>
/// <param name="Ballot">
/// From a lane: its ballot. A gateway that has promised a higher one does not answer with messages. From a gateway: the highest ballot that it has
/// promised for the lane; an activation with a lower one does not answer with messages, and ends. Null if there is none.
/// </param>
[GenerateSerializer, Immutable, Alias("direct.fetch-request")]
public sealed record FetchRequest(
    [property: Id(0)] TopicKey Topic,
    [property: Id(1)] long After,
    [property: Id(2)] long Through,
    [property: Id(3)] bool IsNewestFirst,
    [property: Id(4)] Ballot? Ballot)
{
    /// <summary>Specifies a <see cref="Through"/> above every offset.</summary>
    public const long ToHead = long.MaxValue;

    /// <summary>Specifies the bytes of a page, unless a single message is longer.</summary>
    public const int PageBytes = 256 * 1024;
}

/// <summary>Represents headers of a log, in pages.</summary>
/// <param name="Epoch">The open epoch of the log; 0 if the lane does not keep the topic or does not serve at present. Then the other members are empty.</param>
/// <param name="Headers">Headers of the requested range, in ascending order, at most <see cref="FetchRequest.PageBytes"/>.</param>
/// <param name="MoreHeadersAfter">The offset after which more headers of the range follow; 0 if these are all.</param>
[GenerateSerializer, Immutable, Alias("direct.header-page")]
public sealed record HeaderPage(
    [property: Id(0)] long Epoch,
    [property: Id(1)] KeptHeaders Headers,
    [property: Id(2)] long MoreHeadersAfter)
{
    /// <summary>Represents the answer of a lane that is not ready.</summary>
    public static readonly HeaderPage NotReady = new(0, [], 0);
}

/// <summary>Specifies the result of a request for messages.</summary>
public enum TailStatus : byte
{
    /// <summary>The answer has messages, or there are none in the requested range.</summary>
    Page = 0,

    /// <summary>The first requested message is not kept any more. The answer has no messages.</summary>
    Evicted = 1,

    /// <summary>The receiver does not keep the topic, has promised a higher ballot, or does not serve at present. The other members are empty.</summary>
    NotReady = 2,
}

/// <summary>Represents messages of a log.</summary>
/// <param name="Status">The result.</param>
/// <param name="Ballot">The ballot of the answering activation, or that under which the answering gateway installed its last epoch; null without recovery.</param>
/// <param name="Marks">The epoch table, the open epoch last.</param>
/// <param name="Head">The offset of the last message of the log; 0 before the first.</param>
/// <param name="First">The offset of the first message that the receiver still has; that after <paramref name="Head"/> if it has none.</param>
/// <param name="Messages">Messages of the requested range, contiguous and in ascending order, at most <see cref="FetchRequest.PageBytes"/>.</param>
/// <param name="HasMore">Whether the receiver has more messages of the requested range.</param>
[GenerateSerializer, Immutable, Alias("direct.tail-page")]
public sealed record TailPage(
    [property: Id(0)] TailStatus Status,
    [property: Id(1)] Ballot? Ballot,
    [property: Id(2)] EpochMark[] Marks,
    [property: Id(3)] long Head,
    [property: Id(4)] long First,
    [property: Id(5)] KeptMessage[] Messages,
    [property: Id(6)] bool HasMore)
{
    /// <summary>Represents the answer of a receiver that is not ready.</summary>
    public static readonly TailPage NotReady = new(TailStatus.NotReady, null, [], 0, 0, [], false);
}
