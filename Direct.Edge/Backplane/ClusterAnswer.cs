namespace Direct.Edge.Backplane;

/// <summary>Specifies the result of a query to the cluster.</summary>
public enum QueryStatus
{
    /// <summary>Every live gateway has been asked, and has answered or is named as missing.</summary>
    Answered,

    /// <summary>It is not known now which gateways are live. None was asked.</summary>
    NotReady,

    /// <summary>The answers were lost; gateways may have been asked.</summary>
    Lost,
}

/// <summary>Represents the responses of the live gateways to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Status">The result. The other members are empty unless it is <see cref="QueryStatus.Answered"/>.</param>
/// <param name="Responses">The responses of the gateways that answered.</param>
/// <param name="Missing">The names of the gateways that did not answer in time. They may still carry out a command.</param>
public sealed record ClusterAnswer(QueryStatus Status, IReadOnlyList<NamedResponse> Responses, IReadOnlyList<string> Missing)
{
    /// <summary>For <see cref="ClusterQueryKind.Status"/>: the silos that are members of the cluster.</summary>
    public IReadOnlyList<SiloMember> Silos { get; init; } = [];

    /// <summary>See <see cref="QueryStatus.NotReady"/>.</summary>
    public static readonly ClusterAnswer NotReady = new(QueryStatus.NotReady, [], []);

    /// <summary>See <see cref="QueryStatus.Lost"/>.</summary>
    public static readonly ClusterAnswer Lost = new(QueryStatus.Lost, [], []);
}

/// <summary>Represents the response of one gateway.</summary>
/// <param name="Gateway">The gateway's name for people.</param>
/// <param name="Response">The response.</param>
public readonly record struct NamedResponse(string Gateway, GatewayResponse Response);
