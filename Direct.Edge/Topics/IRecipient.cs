using Direct.Edge.Protocol;

namespace Direct.Edge.Topics;

/// <summary>Represents a connection as a member of topics.</summary>
internal interface IRecipient
{
    long UserId { get; }

    long GroupId { get; }

    long ChannelId { get; }

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
