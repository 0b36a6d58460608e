using System.Buffers.Binary;
using System.Text;

namespace Direct.Testing.WebSockets;

/// <summary>
/// Represents one frame as a client sends it (RFC 6455, section 5.2), with every field open to abuse:
/// <code>
/// |FIN RSV1-3 opcode(4)|MASK length(7)|length (16 or 64, big endian)|masking key (32)|payload xor key|
/// </code>
/// </summary>
public sealed record ClientFrame(byte Opcode, ReadOnlyMemory<byte> Payload)
{
    public bool Fin { get; init; } = true;

    /// <summary>Gets the three reserved bits at their positions in the first byte: 0x40, 0x20, 0x10.</summary>
    public byte Reserved { get; init; }

    public bool Masked { get; init; } = true;

    public uint MaskingKey { get; init; } = 0x37FA213D;

    /// <summary>Gets the encoding of the length: 0 uses the shortest, 2 or 8 forces that many bytes.</summary>
    public int LengthBytes { get; init; }

    /// <summary>Gets the length in the frame header; the length of the payload when null.</summary>
    public ulong? ClaimedLength { get; init; }

    public static ClientFrame Text(string text) => new(WebSockets.Opcode.Text, Encoding.UTF8.GetBytes(text));

    public static ClientFrame Binary(params byte[] payload) => new(WebSockets.Opcode.Binary, payload);

    public static ClientFrame Close(int code, string reason = "") => new(WebSockets.Opcode.Close, CloseStatus.Encode(code, reason));

    /// <summary>Returns the frames of one message whose payload is split at the given positions.</summary>
    public static IEnumerable<ClientFrame> Fragments(byte opcode, ReadOnlyMemory<byte> payload, params int[] cuts)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        var start = 0;
        var next = opcode;
        foreach (var cut in cuts)
        {
            yield return new ClientFrame(next, payload[start..cut]) { Fin = false };
            (start, next) = (cut, WebSockets.Opcode.Continuation);
        }

        yield return new ClientFrame(next, payload[start..]);
    }

    public byte[] Encode()
    {
        var length = ClaimedLength ?? (ulong)Payload.Length;
        var lengthBytes = LengthBytes != 0 ? LengthBytes : length < 126 ? 0 : length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + lengthBytes + (Masked ? 4 : 0) + Payload.Length];
        frame[0] = (byte)((Fin ? 0x80 : 0) | (Reserved & 0x70) | (Opcode & 0x0F));
        frame[1] = (byte)(Masked ? 0x80 : 0);
        switch (lengthBytes)
        {
            case 0:
                frame[1] |= (byte)length;
                break;
            case 2:
                frame[1] |= 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)length);
                break;
            default:
                frame[1] |= 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), length);
                break;
        }

        var body = frame.AsSpan(2 + lengthBytes);
        if (!Masked)
        {
            Payload.Span.CopyTo(body);
            return frame;
        }

        BinaryPrimitives.WriteUInt32BigEndian(body, MaskingKey);
        var key = body[..4];
        for (var i = 0; i < Payload.Length; i++)
        {
            body[4 + i] = (byte)(Payload.Span[i] ^ key[i & 3]);
        }

        return frame;
    }
}
