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
