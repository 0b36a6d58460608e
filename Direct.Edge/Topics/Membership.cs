using Direct.Edge.Connections;

namespace Direct.Edge.Topics;

/// <summary>One connection's place in one topic. Belongs to the topic it was made for, which alone reads and writes the rest.</summary>
internal sealed class Membership(IRecipient recipient)
{
    public IRecipient Recipient { get; } = recipient;

    /// <summary>Where it stands among the topic's members.</summary>
    public int Index { get; set; }

    /// <summary>How much of the batch that is being drained was said before it joined, in bytes.</summary>
    public int SkipBytes { get; set; }
}

/// <summary>What the topics know of a connection.</summary>
internal interface IRecipient
{
    long UserId { get; }

    long GroupId { get; }

    long ChannelId { get; }

    /// <summary>Takes whole frames without ever waiting for the socket. One that overflows closes itself.</summary>
    EnqueueResult Send(ReadOnlySpan<byte> frames);

    /// <summary>Starts closing, unless it is closing already: then false.</summary>
    bool TryBeginClose(CloseReason reason) => false;

    /// <summary>A topic it is leaving still has to send it what was said before.</summary>
    void Owe()
    {
    }

    /// <summary>That topic has sent it, and knows it no more.</summary>
    void Paid()
    {
    }
}
