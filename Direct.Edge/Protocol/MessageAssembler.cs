namespace Direct.Edge.Protocol;

/// <summary>
/// Assembles the data frames of one client into messages (<see href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, 5.4</see>).
/// Control frames may come between them and are handled elsewhere.
/// </summary>
/// <remarks>
/// Not thread-safe: only the receiving thread uses it. It holds a buffer only while a message is fragmented. <see cref="FrameReader"/> checks the
/// size limit of a message, from the header and <see cref="Length"/>.
/// </remarks>
internal struct MessageAssembler
{
    [ThreadStatic]
    private static byte[]? _scratch;

    private byte[]? _fragments;
    private Opcode _opcode; // the opcode of the fragmented message; Continuation if there is none

    /// <summary>Gets the number of bytes of a fragmented message that have arrived.</summary>
    public int Length { readonly get; private set; }

    /// <summary>Returns whether a data frame is allowed now: a continuation within a message, or the first frame of a message otherwise.</summary>
    public readonly bool MayTake(Opcode opcode) => (_opcode is Opcode.Continuation) != (opcode is Opcode.Continuation);

    /// <summary>Adds a frame that <see cref="MayTake"/> has allowed.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="maxMessageBytes">The size limit of a message, which the frame does not exceed.</param>
    /// <param name="message">The message that the frame completes. It is valid until this thread handles another frame.</param>
    /// <param name="isText">Whether the message is text. Its content has not been validated.</param>
    /// <returns>Whether the frame completes a message.</returns>
    public bool TryComplete(in Frame frame, int maxMessageBytes, out ReadOnlyMemory<byte> message, out bool isText)
    {
        if (frame.IsFinal && _opcode is Opcode.Continuation)
        {
            (message, isText) = (CopyToScratch(frame), frame.Opcode is Opcode.Text);
            return true;
        }

        AddFragment(frame, maxMessageBytes);
        if (!frame.IsFinal)
        {
            (message, isText) = (default, false);
            return false;
        }

        (message, isText) = (_fragments.AsMemory(0, Length), _opcode is Opcode.Text);
        this = default;
        return true;
    }

    private static ReadOnlyMemory<byte> CopyToScratch(in Frame frame)
    {
        var scratch = _scratch ??= new byte[1024];
        if (scratch.Length < frame.PayloadLength)
        {
            scratch = _scratch = new byte[frame.PayloadLength];
        }

        frame.CopyPayloadTo(scratch);
        return scratch.AsMemory(0, frame.PayloadLength);
    }

    private void AddFragment(in Frame frame, int maxMessageBytes)
    {
        if (_opcode is Opcode.Continuation)
        {
            _opcode = frame.Opcode;
        }

        // Grows with the input: the first byte of a message must not take the memory of the longest one.
        var messageBytes = Length + frame.PayloadLength;
        if (_fragments is null || _fragments.Length < messageBytes)
        {
            Array.Resize(ref _fragments, Math.Min(Math.Max(messageBytes, 2 * Length), maxMessageBytes));
        }

        frame.CopyPayloadTo(_fragments.AsSpan(Length));
        Length = messageBytes;
    }
}
