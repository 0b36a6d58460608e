using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Direct.Edge.Protocol;

internal enum FrameStatus
{
    /// <summary>A whole frame was read.</summary>
    Complete,

    /// <summary>The input ends inside a frame that is legal so far.</summary>
    NeedMore,

    /// <summary>The input can never become a legal frame; the reason has the close code.</summary>
    Refused,
}

/// <summary>
/// Reads client frames. What is illegal is refused from the header alone, before the payload has arrived.
/// <code>
///  0               1               2               3
///  0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| length      | extended length, 16 or 64 bit |
/// |I|S|S|S|  (4)  |A|     (7)     | (when length is 126 or 127)   |
/// |N|V|V|V|       |S|             |                               |
/// | |1|2|3|       |K|             |                               |
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// | masking key (32, always there from a client)  | payload …     |
/// +-----------------------------------------------+---------------+
/// </code>
/// See <see href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, 5.2</see>.
/// </summary>
internal static class FrameReader
{
    private const int MaskingKeyBytes = 4;
    private const int MaxControlPayloadBytes = 125;

    /// <summary>Specifies the longest header a client frame can have: 2 bytes, 8 of length, 4 of masking key.</summary>
    public const int MaxHeaderBytes = 14;

    /// <summary>Reads the frame at the start of <paramref name="input"/>.</summary>
    /// <param name="input">The bytes as the client sent them.</param>
    /// <param name="maxDataPayloadBytes">The largest payload of a data frame: the message limit minus the fragments that have arrived.</param>
    /// <param name="frame">The frame, if it is complete.</param>
    /// <param name="frameBytes">The number of input bytes that the frame takes, if it is complete.</param>
    /// <param name="refusal">The reason, if the frame is refused.</param>
    public static FrameStatus TryRead(
        ReadOnlySpan<byte> input, int maxDataPayloadBytes, out Frame frame, out int frameBytes, out CloseReason? refusal)
    {
        frame = default;
        frameBytes = 0;
        refusal = null;
        if (input.Length < 2)
        {
            return input.Length == 1 && FirstByteRefusal(input[0]) is { } early ? Refuse(early, out refusal) : FrameStatus.NeedMore;
        }

        var opcode = (Opcode)(input[0] & 0x0F);
        var isFinal = (input[0] & 0x80) != 0;
        var isControl = (input[0] & 0x08) != 0;
        if (FirstByteRefusal(input[0]) is { } illegal)
        {
            return Refuse(illegal, out refusal);
        }

        if ((input[1] & 0x80) == 0)
        {
            return Refuse(CloseReason.ProtocolError, out refusal); // 5.1: a client must mask
        }

        if (isControl && (input[1] & 0x7F) > MaxControlPayloadBytes)
        {
            return Refuse(CloseReason.ProtocolError, out refusal); // 5.5
        }

        var lengthBytes = (input[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        if (input.Length < 2 + lengthBytes)
        {
            return FrameStatus.NeedMore;
        }

        var payloadLength = lengthBytes switch
        {
            0 => (ulong)(input[1] & 0x7F),
            2 => BinaryPrimitives.ReadUInt16BigEndian(input[2..]),
            _ => BinaryPrimitives.ReadUInt64BigEndian(input[2..]),
        };
        if (payloadLength > long.MaxValue)
        {
            return Refuse(CloseReason.ProtocolError, out refusal); // 5.2: the highest bit must be 0
        }

        if (!isControl && payloadLength > (ulong)maxDataPayloadBytes)
        {
            return Refuse(CloseReason.MessageTooBig, out refusal);
        }

        var headerBytes = 2 + lengthBytes + MaskingKeyBytes;
        if (input.Length < headerBytes + (int)payloadLength)
        {
            return FrameStatus.NeedMore;
        }

        var maskingKey = MemoryMarshal.Read<uint>(input[(headerBytes - MaskingKeyBytes)..]);
        frame = new Frame(opcode, isFinal, maskingKey, input.Slice(headerBytes, (int)payloadLength));
        frameBytes = headerBytes + (int)payloadLength;
        return FrameStatus.Complete;
    }

    private static CloseReason? FirstByteRefusal(byte first)
    {
        var opcode = (Opcode)(first & 0x0F);
        var isKnown = opcode is Opcode.Continuation or Opcode.Text or Opcode.Binary or Opcode.Close or Opcode.Ping or Opcode.Pong;
        var hasReservedBits = (first & 0x70) != 0;
        var isFragmentedControl = (first & 0x88) == 0x08;
        return !isKnown || hasReservedBits || isFragmentedControl ? CloseReason.ProtocolError : null;
    }

    private static FrameStatus Refuse(CloseReason reason, out CloseReason? refusal)
    {
        refusal = reason;
        return FrameStatus.Refused;
    }
}
