namespace Direct.Edge.Protocol;

/// <summary>Represents one frame of a client. Its payload is still masked and in the transport's buffer.</summary>
internal readonly ref struct Frame(Opcode opcode, bool isFinal, uint maskingKey, ReadOnlySpan<byte> maskedPayload)
{
    public Opcode Opcode { get; } = opcode;

    /// <summary>Gets whether this frame ends its message.</summary>
    public bool IsFinal { get; } = isFinal;

    public ReadOnlySpan<byte> MaskedPayload { get; } = maskedPayload;

    public int PayloadLength => MaskedPayload.Length;

    public bool IsControl => (byte)Opcode >= 0x8;

    /// <summary>Writes the unmasked payload to <paramref name="destination"/>, which must hold <see cref="PayloadLength"/> bytes.</summary>
    public void CopyPayloadTo(Span<byte> destination) => Masking.Apply(MaskedPayload, maskingKey, destination);
}
