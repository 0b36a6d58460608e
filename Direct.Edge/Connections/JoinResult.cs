namespace Direct.Edge.Connections;

/// <summary>Specifies how a join ended.</summary>
internal enum JoinResult
{
    /// <summary>The connection is in the room, or is closing.</summary>
    Joined,

    /// <summary>The user has no right to be in the room.</summary>
    NotAllowed,

    /// <summary>The right could not be looked up.</summary>
    RightsUnavailable,

    /// <summary>The cluster did not confirm in time.</summary>
    SubscribeTimeout,
}
