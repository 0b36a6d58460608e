namespace Direct.Edge.Rights;

/// <summary>
/// Represents the right with which a connection joins a room. It is checked again under the lock that changes the memberships of the connection, because
/// answers may have been discarded meanwhile.
/// </summary>
/// <param name="rights">The rights that have answered.</param>
/// <param name="key">The right.</param>
/// <param name="generation">The generation of the rights before they were asked.</param>
/// <param name="answer">What is known of the right.</param>
internal readonly struct JoinPermit(RoomRights rights, RightsKey key, int generation, RightsAnswer answer)
{
    /// <summary>Gets what is known of the right.</summary>
    public RightsAnswer Answer => answer;

    /// <summary>Gets whether the answer was not discarded since the right was looked up.</summary>
    public bool IsCurrent => !rights.IsDiscardedSince(generation, key);
}
