namespace Direct.Edge.Topics;

/// <summary>Represents the membership of one connection in one topic. Only that topic reads and writes the other members of this object.</summary>
internal sealed class Membership(IRecipient recipient)
{
    public IRecipient Recipient { get; } = recipient;

    /// <summary>Gets or sets the log of the topic, from the join on.</summary>
    public TopicLog? Log { get; set; }

    /// <summary>Gets or sets the index of the connection in the topic's list of members.</summary>
    public int Index { get; set; }

    /// <summary>Gets or sets the bytes of the batch being drained that were sent before it joined.</summary>
    public int SkipBytes { get; set; }
}
