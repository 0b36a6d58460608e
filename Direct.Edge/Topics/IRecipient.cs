using Direct.Edge.Protocol;

namespace Direct.Edge.Topics;

/// <summary>Represents a connection as a member of topics.</summary>
internal interface IRecipient
{
    long UserId { get; }

    /// <summary>Gets the group of a connection of the original dialect; otherwise 0.</summary>
    long GroupId { get; }

    /// <summary>Gets the channel of a connection of the original dialect; otherwise 0.</summary>
    long ChannelId { get; }

    /// <summary>Gets whether the client speaks <c>direct.2</c>, and may be in many rooms. It never changes.</summary>
    bool SpeaksDirect2 => false;

    /// <summary>Gets whether messages to the user may be sent. Until then the connection is only found by queries.</summary>
    bool IsReceiving => true;

    /// <summary>Returns whether the target includes the connection by at least one of its rooms.</summary>
    bool Matches(Target target) => target.Matches(GroupId, ChannelId, UserId);

    /// <summary>
    /// Returns the rooms by which the target includes the connection, in order. One that matches without a room is in room 0,0. It allocates: a caller
    /// that visits all connections uses it only for those that speak <c>direct.2</c>.
    /// </summary>
    RoomId[] RoomsIn(Target target) => Matches(target) ? [new RoomId(GroupId, ChannelId)] : [];

    /// <summary>Sends complete frames without waiting for the socket. A connection that overflows closes itself.</summary>
    EnqueueResult Send(ReadOnlySpan<byte> frames);

    /// <summary>Begins to close. Returns false if the connection is closing already.</summary>
    bool TryBeginClose(CloseReason reason) => false;

    /// <summary>Records that a topic that the connection is leaving still has earlier messages to send to it.</summary>
    void AddPendingFlush()
    {
    }

    /// <summary>Records that such a topic has sent its messages and no longer holds the connection.</summary>
    void ReleasePendingFlush()
    {
    }
}
