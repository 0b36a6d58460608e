namespace Direct.Stress.Protocol;

/// <summary>Represents a frame within the receive buffer.</summary>
internal readonly ref struct ServerFrame(Opcode opcode, bool isFinal, ReadOnlySpan<byte> payload, int totalBytes)
{
    public Opcode Opcode { get; } = opcode;

    /// <summary>Gets whether this is the last fragment of a message.</summary>
    public bool IsFinal { get; } = isFinal;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Gets the length of header and payload.</summary>
    public int TotalBytes { get; } = totalBytes;
}
