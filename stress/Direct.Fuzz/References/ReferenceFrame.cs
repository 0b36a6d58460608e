using System.Numerics;

namespace Direct.Fuzz.References;

internal enum FrameVerdict
{
    Whole,
    NotWhole,
    Illegal,
    TooLong,
}

/// <summary>
/// Reads a frame by section 5.2 of RFC 6455, field by field and slowly: bits as booleans, numbers without a limit. It returns what a node does with a
/// client's frame; for frames that a node skips, see <see cref="Skipped"/>.
/// </summary>
internal sealed record ReferenceFrame(FrameVerdict Verdict)
{
    public int Opcode { get; private init; }

    public bool IsFinal { get; private init; }

    public byte[] Payload { get; private init; } = [];

    /// <summary>Gets the number of bytes of the frame.</summary>
    public int Length { get; private init; }

    /// <summary>Reads a client's frame.</summary>
    /// <param name="input">The bytes that have arrived.</param>
    /// <param name="maxData">The largest payload of a data frame.</param>
    public static ReferenceFrame Read(ReadOnlySpan<byte> input, int maxData)
    {
        if (input.IsEmpty)
        {
            return new ReferenceFrame(FrameVerdict.NotWhole);
        }

        var (isFinal, reserved, opcode) = (input[0] >> 7 == 1, (input[0] >> 4) % 8, input[0] % 16);
        var isControl = opcode >= 8;
        if (reserved != 0 || opcode is (> 2 and < 8) or > 10 || (isControl && !isFinal))
        {
            return new ReferenceFrame(FrameVerdict.Illegal);
        }

        if (input.Length == 1)
        {
            return new ReferenceFrame(FrameVerdict.NotWhole);
        }

        var (isMasked, shortLength) = (input[1] >> 7 == 1, input[1] % 128);
        if (!isMasked || (isControl && shortLength > 125))
        {
            return new ReferenceFrame(FrameVerdict.Illegal);
        }

        var lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
        if (input.Length < 2 + lengthBytes)
        {
            return new ReferenceFrame(FrameVerdict.NotWhole);
        }

        var length = lengthBytes == 0 ? shortLength : new BigInteger(input.Slice(2, lengthBytes), isUnsigned: true, isBigEndian: true);
        if (length >= BigInteger.One << 63)
        {
            return new ReferenceFrame(FrameVerdict.Illegal);
        }

        if (!isControl && length > maxData)
        {
            return new ReferenceFrame(FrameVerdict.TooLong);
        }

        if (input.Length < 2 + lengthBytes + 4 + length)
        {
            return new ReferenceFrame(FrameVerdict.NotWhole);
        }

        var key = input.Slice(2 + lengthBytes, 4);
        var masked = input.Slice(2 + lengthBytes + 4, (int)length);
        var payload = new byte[masked.Length];
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)(masked[i] ^ key[i % 4]);
        }

        return new ReferenceFrame(FrameVerdict.Whole)
        {
            Opcode = opcode,
            IsFinal = isFinal,
            Payload = payload,
            Length = 2 + lengthBytes + 4 + payload.Length,
        };
    }

    /// <summary>Skips frames of which only the length counts, and whether they are a close frame; masked or not, legal or not.</summary>
    /// <returns>The number of bytes that are skipped, and whether they end with the header of a close frame. The rest is part of a header.</returns>
    public static (int Bytes, bool HasSeenClose) Skipped(ReadOnlySpan<byte> input)
    {
        BigInteger start = 0; // of the next frame
        while (start < input.Length)
        {
            var frame = input[(int)start..];
            if (frame.Length < 2)
            {
                return ((int)start, false);
            }

            var lengthBytes = (frame[1] % 128) switch { 126 => 2, 127 => 8, _ => 0 };
            var headerBytes = 2 + lengthBytes + (frame[1] >= 128 ? 4 : 0);
            if (frame.Length < headerBytes)
            {
                return ((int)start, false);
            }

            if (frame[0] % 16 == 8)
            {
                return ((int)start + headerBytes, true);
            }

            start += headerBytes + (lengthBytes == 0
                ? frame[1] % 128
                : new BigInteger(frame.Slice(2, lengthBytes), isUnsigned: true, isBigEndian: true));
        }

        return (input.Length, false);
    }
}
