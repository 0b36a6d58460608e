using System.Buffers;

namespace Direct.Memory;

/// <summary>
/// Provides buffers for queues. Small ones are pooled; large ones are left to the garbage collector, because the shared pool keeps
/// dozens of each size for a minute or more. After many queues had grown, most of the memory would be unused pooled buffers.
/// </summary>
internal static class QueueBuffers
{
    // The largest buffer that is pooled.
    private const int MaxPooledBytes = 128 * 1024;

    /// <summary>Returns a buffer of at least <paramref name="bytes"/> bytes, with any content.</summary>
    public static byte[] Rent(int bytes) =>
        bytes <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Returns a buffer of <see cref="Rent"/> to the pool.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
