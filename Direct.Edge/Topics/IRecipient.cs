using Direct.Edge.Protocol;

namespace Direct.Edge.Topics;

/// <summary>A connection as the topics see it.</summary>
internal interface IRecipient
{
    long UserId { get; }

    long GroupId { get; }

    long ChannelId { get; }

    /// <summary>Takes whole frames without ever waiting for the socket. One that overflows closes itself.</summary>
    EnqueueResult Send(ReadOnlySpan<byte> frames);

    /// <summary>Starts closing, unless it is closing already: then false.</summary>
    bool TryBeginClose(CloseReason reason) => false;

    /// <summary>Records that a topic that the connection is leaving still has earlier messages to send to it.</summary>
    void AddPendingFlush()
    {
    }

    /// <summary>That topic has sent it, and knows it no more.</summary>
    void ReleasePendingFlush()
    {
    }
}
