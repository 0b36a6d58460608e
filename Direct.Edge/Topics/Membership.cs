namespace Direct.Edge.Topics;

/// <summary>The membership of one connection in one topic. Only the topic that it was made for reads and writes its other members.</summary>
internal sealed class Membership(IRecipient recipient)
{
    public IRecipient Recipient { get; } = recipient;

    /// <summary>Its index among the topic's members.</summary>
    public int Index { get; set; }

    /// <summary>Gets or sets the bytes of the batch being drained that were sent before it joined.</summary>
    public int SkipBytes { get; set; }
}
