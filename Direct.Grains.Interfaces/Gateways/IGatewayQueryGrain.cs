namespace Direct.Grains.Gateways;

/// <summary>
/// Asks all live gateways about their connections and collects what they say. It knows and stores nothing itself: there is one wherever
/// it is asked for. The key has no meaning, but another key may be answered by another silo.
/// </summary>
[Alias("direct.gateway-query")]
public interface IGatewayQueryGrain : IGrainWithIntegerKey
{
    /// <summary>How many rows an answer holds at most, over all gateways: under 10 MB, which is far less than a message may have.</summary>
    const int MaxRows = 200_000;

    /// <summary>How many user ids an answer holds at most: as much.</summary>
    const int MaxUsers = 1_000_000;

    /// <summary>Asks every live gateway once, at the same time.</summary>
    /// <param name="question">Its limit is lowered where all gateways together could answer more than fits.</param>
    [Alias("ask"), ResponseTimeout("00:00:03")]
    ValueTask<AskAnswer> AskAsync(ConnectionQuestion question);
}

/// <summary>How asking ended.</summary>
public enum AskOutcome : byte
{
    /// <summary>All live gateways were asked.</summary>
    Answered = 0,

    /// <summary>This silo cannot tell which gateways live, and has asked none: try again.</summary>
    NotReady = 1,

    /// <summary>Gateways were asked, but while they answered this silo may have missed one that is new.</summary>
    Unsure = 2,
}

/// <summary>What gateways are asked about their connections, or to do with them.</summary>
public enum ConnectionQuestionKind : byte
{
    /// <summary>How many match.</summary>
    Count = 0,

    /// <summary>Who they are: a page of rows.</summary>
    Rows = 1,

    /// <summary>Whose they are: a page of user ids.</summary>
    Users = 2,

    /// <summary>Closes those that match.</summary>
    Close = 3,
}

/// <summary>A question to gateways.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Group">Target group, 0 for any.</param>
/// <param name="Channel">Target channel, 0 for any.</param>
/// <param name="User">Target user, 0 for any.</param>
/// <param name="After">Of pages: where the last one ended, or null for the first.</param>
/// <param name="Limit">Of pages: the most that one gateway may answer.</param>
/// <param name="CloseCode">Of closings: 4000 to 4999.</param>
/// <param name="CloseText">Of closings: the reason, at most 123 bytes of UTF-8.</param>
[GenerateSerializer, Immutable, Alias("direct.connection-question")]
public sealed record ConnectionQuestion(
    [property: Id(0)] ConnectionQuestionKind Kind,
    [property: Id(1)] long Group,
    [property: Id(2)] long Channel,
    [property: Id(3)] long User,
    [property: Id(4)] UserPlaceKey? After,
    [property: Id(5)] int Limit,
    [property: Id(6)] ushort CloseCode,
    [property: Id(7)] string CloseText);

/// <summary>One user in one group and channel.</summary>
/// <param name="User">User id.</param>
/// <param name="Group">Group id, or 0.</param>
/// <param name="Channel">Channel id, or 0.</param>
[GenerateSerializer, Immutable, Alias("direct.user-place")]
public readonly record struct UserPlaceKey([property: Id(0)] long User, [property: Id(1)] long Group, [property: Id(2)] long Channel);

/// <summary>The connections of one user in one group and channel.</summary>
/// <param name="Place">Who and where.</param>
/// <param name="Connections">How many.</param>
[GenerateSerializer, Immutable, Alias("direct.user-connections")]
public readonly record struct UserConnections([property: Id(0)] UserPlaceKey Place, [property: Id(1)] int Connections);

/// <summary>What one gateway says.</summary>
/// <param name="Connections">All that match; of closings those that are closing now.</param>
/// <param name="Rows">A page of rows, in the order of user, group and channel.</param>
/// <param name="Users">A page of user ids, rising.</param>
/// <param name="HasMore">Whether there are more behind the page.</param>
[GenerateSerializer, Immutable, Alias("direct.connection-reply")]
public sealed record ConnectionReply(
    [property: Id(0)] int Connections,
    [property: Id(1)] UserConnections[] Rows,
    [property: Id(2)] long[] Users,
    [property: Id(3)] bool HasMore);

/// <summary>What all of them say.</summary>
/// <param name="Outcome">How asking ended. Unless they were all asked, the rest is empty.</param>
/// <param name="Gateways">Names of those that answered.</param>
/// <param name="Replies">Their replies.</param>
/// <param name="Missing">Names of those that did not answer in time.</param>
[GenerateSerializer, Immutable, Alias("direct.ask-answer")]
public sealed record AskAnswer(
    [property: Id(0)] AskOutcome Outcome,
    [property: Id(1)] string[] Gateways,
    [property: Id(2)] ConnectionReply[] Replies,
    [property: Id(3)] string[] Missing);
