using System.Buffers.Binary;

namespace Direct.Edge.Protocol;

/// <summary>Writes server frames: final, unmasked, with the shortest length form.</summary>
internal static class FrameWriter
{
    /// <summary>Returns the length of a frame with a payload of <paramref name="payloadBytes"/>, including its header.</summary>
    public static int FrameBytes(int payloadBytes) => HeaderBytes(payloadBytes) + payloadBytes;

    /// <summary>Writes a frame and returns its length. <paramref name="destination"/> must hold <see cref="FrameBytes"/>.</summary>
    public static int Write(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload) => Write(destination, opcode, default, payload);

    /// <summary>Writes a frame whose payload is in two parts, and returns its length.</summary>
    public static int Write(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> start, ReadOnlySpan<byte> rest)
    {
        var payloadBytes = start.Length + rest.Length;
        var headerBytes = HeaderBytes(payloadBytes);
        destination[0] = (byte)(0x80 | (byte)opcode);
        switch (headerBytes)
        {
            case 2:
                destination[1] = (byte)payloadBytes;
                break;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadBytes);
                break;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadBytes);
                break;
        }

        start.CopyTo(destination[headerBytes..]);
        rest.CopyTo(destination[(headerBytes + start.Length)..]);
        return headerBytes + payloadBytes;
    }

    /// <summary>
    /// Returns the number of bytes that remain of a frame that is sent in part, after the first <paramref name="taken"/> bytes of
    /// <paramref name="frames"/> have been sent. <paramref name="frames"/> begins with a complete frame.
    /// </summary>
    public static int RestOfFrame(ReadOnlySpan<byte> frames, int taken)
    {
        long at = 0;
        while (at < taken && at + 1 < frames.Length)
        {
            at += LengthAt(frames[(int)at..]);
        }

        return (int)Math.Clamp(at - taken, 0, frames.Length - taken);
    }

    // Returns the length of the frame that begins here; if its header is incomplete, the number of bytes that are present.
    private static long LengthAt(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        126 when frame.Length >= 4 => 4L + BinaryPrimitives.ReadUInt16BigEndian(frame[2..]),
        127 when frame.Length >= 10 => 10L + (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(frame[2..]), int.MaxValue),
        < 126 and var payloadBytes => 2L + payloadBytes,
        _ => frame.Length,
    };

    private static int HeaderBytes(int payloadBytes) => payloadBytes switch
    {
        < 126 => 2,
        <= ushort.MaxValue => 4,
        _ => 10,
    };
}
