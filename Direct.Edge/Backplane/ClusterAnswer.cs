namespace Direct.Edge.Backplane;

/// <summary>The result of asking the cluster.</summary>
public enum AskStatus
{
    /// <summary>Every live gateway has been asked, and has answered or is named as missing.</summary>
    Answered,

    /// <summary>Which gateways live cannot be told now. None was asked.</summary>
    NotReady,

    /// <summary>The answers did not come back; gateways may have been asked.</summary>
    Lost,
}

/// <summary>The replies of the live gateways to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Status">Whether the rest counts.</param>
/// <param name="Replies">The replies of those that answered.</param>
/// <param name="Missing">Names of those that did not answer in time. What they have been asked to do they may do yet.</param>
public sealed record ClusterAnswer(AskStatus Status, IReadOnlyList<NamedReply> Replies, IReadOnlyList<string> Missing)
{
    /// <summary>For <see cref="QuestionKind.Status"/>: the silos that are members of the cluster.</summary>
    public IReadOnlyList<SiloMember> Silos { get; init; } = [];

    /// <summary>See <see cref="AskStatus.NotReady"/>.</summary>
    public static readonly ClusterAnswer NotReady = new(AskStatus.NotReady, [], []);

    /// <summary>See <see cref="AskStatus.Lost"/>.</summary>
    public static readonly ClusterAnswer Lost = new(AskStatus.Lost, [], []);
}

/// <summary>One gateway's reply.</summary>
/// <param name="Gateway">Its name for people.</param>
/// <param name="Reply">Its reply.</param>
public readonly record struct NamedReply(string Gateway, GatewayResponse Reply);
