namespace Direct.Stress.Links;

/// <summary>Receives the events of a link. All methods are called by the loop's thread.</summary>
internal interface ILinkOwner
{
    /// <summary>Reports that TCP, and TLS if it is used, is connected.</summary>
    void OnConnected();

    /// <summary>Handles received bytes, after those that were left over the last time. Returns the number of bytes used.</summary>
    int OnReceived(ReadOnlySpan<byte> bytes, long now);

    /// <summary>Reports that the link has ended by itself. It is never called after <see cref="Link.Close"/>.</summary>
    /// <param name="error">The error; null if the other side ended the link in an orderly way.</param>
    void OnEnded(string? error);
}
