using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Direct.Stress.Protocol;

/// <summary>Writes the frames of a client, which are masked (RFC 6455, 5.3). Each loop has one.</summary>
internal sealed class FrameWriter
{
    /// <summary>Specifies the largest size of a frame without its payload.</summary>
    public const int MaxHeaderBytes = 14;

    private uint _mask = (uint)Random.Shared.Next(1, int.MaxValue);

    /// <summary>Writes one complete frame. Returns its length.</summary>
    public int Write(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        destination[0] = (byte)(0x80 | (int)opcode);
        var at = 2;
        switch (payload.Length)
        {
            case < 126:
                destination[1] = (byte)(0x80 | payload.Length);
                break;
            case <= ushort.MaxValue:
                destination[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payload.Length);
                at = 4;
                break;
            default:
                destination[1] = 0x80 | 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payload.Length);
                at = 10;
                break;
        }

        var mask = NextMask();
        MemoryMarshal.Write(destination[at..], in mask);
        at += 4;
        Mask(payload, destination.Slice(at, payload.Length), mask);
        return at + payload.Length;
    }

    private static void Mask(ReadOnlySpan<byte> from, Span<byte> to, uint mask)
    {
        var wide = ((ulong)mask << 32) | mask;
        var i = 0;
        for (; i + 8 <= from.Length; i += 8)
        {
            var value = MemoryMarshal.Read<ulong>(from[i..]) ^ wide;
            MemoryMarshal.Write(to[i..], in value);
        }

        for (; i < from.Length; i++)
        {
            to[i] = (byte)(from[i] ^ (byte)(mask >> (8 * (i & 3))));
        }
    }

    // xorshift32: a mask must differ between frames. That it is unpredictable protects proxies from malicious pages, which do not exist here.
    private uint NextMask()
    {
        _mask ^= _mask << 13;
        _mask ^= _mask >> 17;
        _mask ^= _mask << 5;
        return _mask;
    }
}
