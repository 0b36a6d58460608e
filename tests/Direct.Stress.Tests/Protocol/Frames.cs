using System.Buffers.Binary;

namespace Direct.Stress.Tests.Protocol;

/// <summary>Creates server frames by hand.</summary>
internal static class Frames
{
    public static byte[] Make(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        var header = new byte[10];
        header[0] = (byte)((isFinal ? 0x80 : 0) | opcode);
        var headerBytes = 2;
        if (payload.Length < 126)
        {
            header[1] = (byte)payload.Length;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)payload.Length);
            headerBytes = 4;
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), (ulong)payload.Length);
            headerBytes = 10;
        }

        return [.. header.AsSpan(0, headerBytes), .. payload];
    }
}
