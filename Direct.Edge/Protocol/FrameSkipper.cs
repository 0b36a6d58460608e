using System.Buffers.Binary;

namespace Direct.Edge.Protocol;

/// <summary>
/// Skips the input of a client after one of its frames was refused, and looks for its close frame. The header of an invalid frame still contains the
/// length of the frame.
/// </summary>
internal sealed class FrameSkipper
{
    private ulong _payloadLeft;

    /// <summary>Gets whether the client has sent its close frame. Input after it is ignored.</summary>
    public bool HasSeenClose { get; private set; }

    /// <summary>Skips frames and parts of frames. Returns the number of bytes consumed; the rest is part of a header.</summary>
    public int Skip(ReadOnlySpan<byte> input)
    {
        var skipped = 0;
        while (!HasSeenClose)
        {
            var payload = (int)Math.Min(_payloadLeft, (ulong)(input.Length - skipped));
            _payloadLeft -= (ulong)payload;
            skipped += payload;
            if (_payloadLeft > 0 || !TryReadHeader(input[skipped..], out var headerBytes))
            {
                break;
            }

            skipped += headerBytes;
        }

        return skipped;
    }

    private bool TryReadHeader(ReadOnlySpan<byte> input, out int headerBytes)
    {
        headerBytes = 0;
        if (input.Length < 2)
        {
            return false;
        }

        var length = input[1] & 0x7F;
        var lengthBytes = length switch { 126 => 2, 127 => 8, _ => 0 };
        var maskBytes = (input[1] & 0x80) != 0 ? 4 : 0;
        if (input.Length < 2 + lengthBytes + maskBytes)
        {
            return false;
        }

        headerBytes = 2 + lengthBytes + maskBytes;
        HasSeenClose = (input[0] & 0x0F) == (byte)Opcode.Close;
        _payloadLeft = lengthBytes switch
        {
            0 => (ulong)length,
            2 => BinaryPrimitives.ReadUInt16BigEndian(input[2..]),
            _ => BinaryPrimitives.ReadUInt64BigEndian(input[2..]),
        };
        return true;
    }
}
