namespace Direct.Stress.Links;

/// <summary>Whose link it is. Everything is called by the loop's thread.</summary>
internal interface ILinkOwner
{
    /// <summary>TCP, and TLS where there is any, is there.</summary>
    void OnConnected();

    /// <summary>Bytes have come, after those that were left over the last time. Returns how many were used.</summary>
    int OnReceived(ReadOnlySpan<byte> bytes, long now);

    /// <summary>Reports that the link has ended by itself. It is never called after <see cref="Link.Close"/>.</summary>
    /// <param name="error">What happened; null when the other side ended it in an orderly way.</param>
    void OnEnded(string? error);
}
