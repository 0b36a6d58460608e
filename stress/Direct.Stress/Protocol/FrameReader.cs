using System.Buffers.Binary;

namespace Direct.Stress.Protocol;

/// <summary>
/// Reads the frames of a server, which are not masked (RFC 6455, 5.2):
/// <code>
/// FIN RSV1-3 opcode | 0 length | 16 or 64 bits of length when that is 126 or 127 | payload
///  1    3      4      1    7
/// </code>
/// </summary>
internal static class FrameReader
{
    /// <summary>Specifies the longest payload that is awaited, which is longer than any message of the protocol.</summary>
    public const int MaxPayloadBytes = 128 * 1024;

    private const byte Final = 0x80;
    private const byte Reserved = 0x70;
    private const int MaxControlBytes = 125;

    public static FrameStatus Read(ReadOnlySpan<byte> input, out ServerFrame frame)
    {
        frame = default;
        if (input.Length < 2)
        {
            return FrameStatus.Incomplete;
        }

        var (first, length, headerBytes) = (input[0], (ulong)input[1], 2);
        if (!IsValid(first, input[1]))
        {
            return FrameStatus.Invalid; // a masked frame has the top bit of the second byte set and fails here too
        }

        if (length == 126)
        {
            headerBytes = 4;
            if (input.Length < headerBytes)
            {
                return FrameStatus.Incomplete;
            }

            length = BinaryPrimitives.ReadUInt16BigEndian(input[2..]);
        }
        else if (length == 127)
        {
            headerBytes = 10;
            if (input.Length < headerBytes)
            {
                return FrameStatus.Incomplete;
            }

            length = BinaryPrimitives.ReadUInt64BigEndian(input[2..]);
        }

        if (length > MaxPayloadBytes)
        {
            return FrameStatus.Invalid;
        }

        var totalBytes = headerBytes + (int)length;
        if (input.Length < totalBytes)
        {
            return FrameStatus.Incomplete;
        }

        frame = new ServerFrame((Opcode)(first & 0x0F), (first & Final) != 0, input[headerBytes..totalBytes], totalBytes);
        return FrameStatus.Complete;
    }

    private static bool IsValid(byte first, byte second)
    {
        if ((first & Reserved) != 0 || second > 127)
        {
            return false;
        }

        return (Opcode)(first & 0x0F) switch
        {
            Opcode.Continuation or Opcode.Text or Opcode.Binary => true,
            Opcode.Close or Opcode.Ping or Opcode.Pong => (first & Final) != 0 && second <= MaxControlBytes,
            _ => false,
        };
    }
}
