namespace Direct.Stress.Protocol;

/// <summary>A frame where it lies in the receive buffer.</summary>
internal readonly ref struct ServerFrame(Opcode opcode, bool isFinal, ReadOnlySpan<byte> payload, int totalBytes)
{
    public Opcode Opcode { get; } = opcode;

    /// <summary>False for all but the last fragment of a message.</summary>
    public bool IsFinal { get; } = isFinal;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Header and payload.</summary>
    public int TotalBytes { get; } = totalBytes;
}
