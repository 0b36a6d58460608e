namespace Direct.Stress.Links;

/// <summary>Represents one TCP connection.</summary>
internal abstract class Link
{
    /// <summary>Sends now, or when there is room. A failure is reported by <see cref="ILinkOwner.OnEnded"/>, never within this call.</summary>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Ends the link. The owner is not notified.</summary>
    public abstract void Close();
}
