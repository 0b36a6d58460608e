using System.Runtime.InteropServices;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class MaskingTests
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    // Covers more than two of the widest vectors, and so every mixture of whole vectors and a rest.
    [Fact]
    public void Apply_EveryLengthAtEveryOffset_IsTheNaiveLoop()
    {
        var random = new Random(7);
        var source = new byte[160];
        random.NextBytes(source);
        for (var length = 0; length <= 140; length++)
        {
            for (var offset = 0; offset < 9; offset++)
            {
                var masked = source.AsSpan(offset, length);
                var destination = new byte[offset + length];

                Masking.Apply(masked, MemoryMarshal.Read<uint>(Key), destination.AsSpan(offset));

                Assert.True(Naive(masked).AsSpan().SequenceEqual(destination.AsSpan(offset)), $"length {length}, offset {offset}");
            }
        }
    }

    [Fact]
    public void Apply_LongerDestination_LeavesTheRestAlone()
    {
        var destination = new byte[64];

        Masking.Apply(new byte[33], 0xFFFFFFFF, destination);

        Assert.All(destination[33..], value => Assert.Equal(0, value));
    }

    private static byte[] Naive(ReadOnlySpan<byte> masked)
    {
        var plain = new byte[masked.Length];
        for (var i = 0; i < masked.Length; i++)
        {
            plain[i] = (byte)(masked[i] ^ Key[i % 4]);
        }

        return plain;
    }
}
