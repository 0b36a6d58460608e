namespace Direct.Stress.Links;

/// <summary>One TCP connection.</summary>
internal abstract class Link
{
    /// <summary>
    /// Sends now, or as soon as there is room. A failure is told by <see cref="ILinkOwner.OnEnded"/>, never from inside this call.
    /// </summary>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Ends it; the owner hears nothing more.</summary>
    public abstract void Close();
}
