using System.Numerics;
using System.Runtime.InteropServices;

namespace Direct.Edge.Protocol;

internal static class Masking
{
    /// <summary>
    /// Writes <paramref name="source"/> XOR the repeated four bytes of <paramref name="key"/> to <paramref name="destination"/>.
    /// The key is in memory order: its first byte on the wire is its first byte in memory.
    /// </summary>
    public static void Apply(ReadOnlySpan<byte> source, uint key, Span<byte> destination)
    {
        var done = 0;
        if (Vector.IsHardwareAccelerated && source.Length >= Vector<byte>.Count)
        {
            var keys = Vector.AsVectorByte(new Vector<uint>(key));
            for (; source.Length - done >= Vector<byte>.Count; done += Vector<byte>.Count)
            {
                (new Vector<byte>(source[done..]) ^ keys).CopyTo(destination[done..]);
            }
        }

        // The length of a vector is a multiple of four bytes, so the key is aligned here.
        ReadOnlySpan<byte> keyBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key));
        for (; done < source.Length; done++)
        {
            destination[done] = (byte)(source[done] ^ keyBytes[done & 3]);
        }
    }
}
