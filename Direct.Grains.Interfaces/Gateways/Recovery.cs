using Direct.Grains.Topics;

namespace Direct.Grains.Gateways;

/// <summary>Asks a gateway what it keeps of one lane, and for a promise: that it refuses everything of lower ballots from now on.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Ballot">The ballot of the asking activation.</param>
/// <param name="After">The last topic of the previous page; null for the first page. Topics are in the order of <see cref="TopicKey.Scope"/>, id and channel id.</param>
/// <param name="HeadersAfter">
/// If the previous page had not all headers of its last topic, the offset after which they are missing: the answer begins with that topic and these headers, if it is still
/// kept. Otherwise 0.
/// </param>
/// <param name="IsWithoutHeaders">Whether topics are wanted without headers. A gateway that is older than this member returns them.</param>
[GenerateSerializer, Immutable, Alias("direct.recover-request")]
public sealed record RecoverRequest(
    [property: Id(0)] Lane Lane,
    [property: Id(1)] Ballot Ballot,
    [property: Id(2)] TopicKey? After = null,
    [property: Id(3)] long HeadersAfter = 0,
    [property: Id(4)] bool IsWithoutHeaders = false)
{
    /// <summary>Specifies the largest number of topics in one answer.</summary>
    public const int MaxTopics = 1000;

    /// <summary>
    /// Specifies the bytes of the answers to one call, as <see cref="KeptTopicReport.Bytes"/> counts them. A gateway adds nothing to them above that, except a little for
    /// each lane, so that each page has something.
    /// </summary>
    public const int MaxBytes = 2 * 1024 * 1024;
}

/// <summary>Represents what a gateway keeps of one lane.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Promised">The highest ballot that the gateway has promised: that of the request, or a higher one.</param>
/// <param name="IsPromised">Whether it is that of the request. Otherwise there are no topics: try again with a higher ballot, or give up.</param>
/// <param name="Topics">The kept topics of the lane in their order, at most <see cref="RecoverRequest.MaxTopics"/>.</param>
/// <param name="HasMore">Whether more topics follow the last one, or more headers of it.</param>
[GenerateSerializer, Immutable, Alias("direct.recover-answer")]
public sealed record RecoverAnswer(
    [property: Id(0)] Lane Lane,
    [property: Id(1)] Ballot Promised,
    [property: Id(2)] bool IsPromised,
    [property: Id(3)] KeptTopicReport[] Topics,
    [property: Id(4)] bool HasMore);

/// <summary>Represents what a gateway has of the log of one topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="InstalledUnder">The ballot under which the last epoch of the table was installed; null if that was not by a recovery.</param>
/// <param name="Marks">The epoch table, the open epoch last.</param>
/// <param name="Head">The offset of the last visible message; 0 before the first.</param>
/// <param name="First">The offset of the first message that the gateway still has; that after <paramref name="Head"/> if it has none.</param>
/// <param name="Number">The gateway's ascending number for this topic, as in <see cref="ILaneGrain.SubscribeKeptAsync"/>.</param>
/// <param name="Headers">
/// Messages that may be repeated, in ascending order: their publishers have not reported them as acknowledged, or their ids are remembered. Before them comes what publishers
/// have reported as acknowledged.
/// </param>
/// <param name="MoreHeadersAfter">The offset after which more headers follow, in the next page; 0 if these are all. Only the last topic of an answer may have more.</param>
/// <param name="IsComplete">Whether the gateway has fetched what the lane had of the log, as far as it has space. Gateways that are older than this member do not say so.</param>
[GenerateSerializer, Immutable, Alias("direct.kept-topic")]
public sealed record KeptTopicReport(
    [property: Id(0)] TopicKey Topic,
    [property: Id(1)] Ballot? InstalledUnder,
    [property: Id(2)] EpochMark[] Marks,
    [property: Id(3)] long Head,
    [property: Id(4)] long First,
    [property: Id(5)] long Number,
    [property: Id(6)] KeptHeaders Headers,
    [property: Id(7)] long MoreHeadersAfter = 0,
    [property: Id(8)] bool IsComplete = false)
{
    private const int OwnBytes = 100;
    private const int MarkBytes = 32;

    /// <summary>Gets what it takes in an answer.</summary>
    public int Bytes => OwnBytes + (MarkBytes * Marks.Length) + Headers.Packed.Length;
}

/// <summary>
/// Tells a gateway to keep a topic with this log, after a recovery, or because nobody else keeps it. A gateway that is behind <paramref name="Head"/>
/// fetches what it lacks.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="Ballot">The ballot of the asking activation. A gateway that has promised a higher one refuses.</param>
/// <param name="Marks">The epoch table, the open epoch last.</param>
/// <param name="Head">The offset of the last message, after which the open epoch begins; 0 before the first.</param>
/// <param name="KeepFor">
/// How long the gateway keeps the topic from now on, also without a connection; zero ends an earlier request. Null if it is asked only for topics that it keeps.
/// A gateway that is older than this member does not keep the topic, and answers false.
/// </param>
[GenerateSerializer, Immutable, Alias("direct.keep-request")]
public sealed record KeepRequest(
    [property: Id(0)] TopicKey Topic,
    [property: Id(1)] Ballot Ballot,
    [property: Id(2)] EpochMark[] Marks,
    [property: Id(3)] long Head,
    [property: Id(4)] TimeSpan? KeepFor = null)
{
    /// <summary>Specifies the largest number of requests in one call.</summary>
    public const int MaxTopics = 1000;
}
