namespace Direct.Grains.Gateways;

/// <summary>
/// Sends queries to all live gateways and collects their responses. It stores nothing, and is activated wherever it is called. The key has no
/// meaning.
/// </summary>
[Alias("direct.gateway-query")]
public interface IGatewayQueryGrain : IGrainWithIntegerKey
{
    /// <summary>Specifies the largest number of rows in an answer, over all gateways: less than 10 MB, far below the largest message.</summary>
    const int MaxRows = 200_000;

    /// <summary>Specifies the largest number of user ids in an answer: about the same size.</summary>
    const int MaxUsers = 1_000_000;

    /// <summary>Sends a query to every live gateway once, at the same time.</summary>
    /// <param name="query">The query. Its limit is lowered if the responses of all gateways together could be larger than a message.</param>
    [Alias("ask"), ResponseTimeout("00:00:03"), NextSilo]
    ValueTask<QueryAnswer> QueryAsync(ConnectionQuery query);
}

/// <summary>Specifies the result of a query to all gateways.</summary>
public enum QueryOutcome : byte
{
    /// <summary>All live gateways were asked.</summary>
    Answered = 0,

    /// <summary>This silo does not know which gateways are live, and has asked none: try again.</summary>
    NotReady = 1,

    /// <summary>Gateways were asked, but this silo may have missed a new one meanwhile.</summary>
    Unsure = 2,
}

/// <summary>Specifies what gateways are asked about their connections, or told to do with them.</summary>
public enum ConnectionQueryKind : byte
{
    /// <summary>Counts the matching connections.</summary>
    Count = 0,

    /// <summary>Returns a page of the connected users, with their groups and channels.</summary>
    Rows = 1,

    /// <summary>Returns a page of the ids of the connected users.</summary>
    Users = 2,

    /// <summary>Closes the matching connections.</summary>
    Close = 3,

    /// <summary>How each gateway is, and its largest topics; and which silos there are. A gateway of 0.1.0 counts its connections instead.</summary>
    Status = 4,

    /// <summary>The matching connections, and what has happened to them lately. A gateway of 0.1.0 counts them instead.</summary>
    Watch = 5,

    /// <summary>Looks up the rights of the matching memberships, and removes those without. A gateway of 0.1.0 counts its connections instead.</summary>
    Recheck = 6,
}

/// <summary>Represents a query to gateways.</summary>
/// <param name="Kind">The kind of query.</param>
/// <param name="Group">Target group, 0 for any.</param>
/// <param name="Channel">Target channel, 0 for any.</param>
/// <param name="User">Target user, 0 for any.</param>
/// <param name="After">For pages: the end of the previous page, or null for the first page.</param>
/// <param name="Limit">For pages: the largest number of rows that one gateway may answer; for its status, of topics.</param>
/// <param name="CloseCode">For closing: the code, 4000 to 4999.</param>
/// <param name="CloseText">For closing: the reason, at most 123 bytes of UTF-8.</param>
[GenerateSerializer, Immutable, Alias("direct.connection-question")]
public sealed record ConnectionQuery(
    [property: Id(0)] ConnectionQueryKind Kind,
    [property: Id(1)] long Group,
    [property: Id(2)] long Channel,
    [property: Id(3)] long User,
    [property: Id(4)] UserConnectionsKey? After,
    [property: Id(5)] int Limit,
    [property: Id(6)] ushort CloseCode,
    [property: Id(7)] string CloseText)
{
    /// <summary>For watching: whether delivered messages are to be recorded too.</summary>
    [Id(8)]
    public bool WithMessages { get; init; }

    /// <summary>For a recheck: its id, the same in each repeat. Empty if a silo that does not know it has passed the query on.</summary>
    [Id(9)]
    public Guid RecheckId { get; init; }
}

/// <summary>Identifies one user in one group and channel.</summary>
/// <param name="User">User id.</param>
/// <param name="Group">Group id, or 0.</param>
/// <param name="Channel">Channel id, or 0.</param>
[GenerateSerializer, Immutable, Alias("direct.user-place")]
public readonly record struct UserConnectionsKey([property: Id(0)] long User, [property: Id(1)] long Group, [property: Id(2)] long Channel);

/// <summary>Represents the connections of one user in one group and channel.</summary>
/// <param name="Key">The user, and the group and channel.</param>
/// <param name="Connections">The number of connections.</param>
[GenerateSerializer, Immutable, Alias("direct.user-connections")]
public readonly record struct UserConnections([property: Id(0)] UserConnectionsKey Key, [property: Id(1)] int Connections);

/// <summary>Represents the response of one gateway.</summary>
/// <param name="Connections">The number of matching connections; for closing, those that are closing now.</param>
/// <param name="Rows">A page of rows, in the order of user, group and channel.</param>
/// <param name="Users">A page of user ids in ascending order.</param>
/// <param name="HasMore">Whether more rows follow this page.</param>
/// <param name="Status">How the gateway is; null if that was not the query, or the gateway or the silo does not know it.</param>
[GenerateSerializer, Immutable, Alias("direct.connection-reply")]
public sealed record ConnectionResponse(
    [property: Id(0)] int Connections,
    [property: Id(1)] UserConnections[] Rows,
    [property: Id(2)] long[] Users,
    [property: Id(3)] bool HasMore,
    [property: Id(4)] GatewayFigures? Status = null)
{
    /// <summary>The matching connections; null if that was not the query, or the gateway or the silo does not know it.</summary>
    [Id(5)]
    public WatchFigures? Watched { get; init; }

    /// <summary>How far the recheck is; null if that was not the query, or the gateway or the silo does not know it.</summary>
    [Id(6)]
    public RecheckFigures? Recheck { get; init; }
}

/// <summary>Represents the responses of all gateways.</summary>
/// <param name="Outcome">The result. Unless all gateways were asked, the other members are empty.</param>
/// <param name="Gateways">The names of the gateways that answered.</param>
/// <param name="Responses">Their responses, in the same order.</param>
/// <param name="Missing">The names of the gateways that did not answer in time.</param>
/// <param name="Silos">The members of the cluster, if the gateways were asked for their status; empty for a live view and a recheck; null of a silo that does not know the query.</param>
[GenerateSerializer, Immutable, Alias("direct.ask-answer")]
public sealed record QueryAnswer(
    [property: Id(0)] QueryOutcome Outcome,
    [property: Id(1)] string[] Gateways,
    [property: Id(2)] ConnectionResponse[] Responses,
    [property: Id(3)] string[] Missing,
    [property: Id(4)] SiloFigures[]? Silos = null);
