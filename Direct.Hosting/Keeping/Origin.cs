using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Direct.Keeping;

/// <summary>
/// Represents what makes two deliveries the same message: its publisher and sequence, or the id that its sender gave with the same target and text, whichever
/// publisher it comes from.
/// </summary>
/// <param name="Publisher">The publisher, by the id of its run; empty if the sequence is not known any more.</param>
/// <param name="Sequence">The number that the publisher gave it in its lane.</param>
/// <param name="IdHash">A hash of id, target and text; empty if it has no id.</param>
internal readonly record struct Origin(Guid Publisher, long Sequence, Guid IdHash)
{
    /// <summary>Returns the first 128 bits of the SHA-256 of an id with its target and text.</summary>
    public static Guid HashOf(string id, long group, long channel, long user, ReadOnlySpan<byte> payload)
    {
        const int StackBytes = 1024;
        var length = Encoding.UTF8.GetMaxByteCount(id.Length) + (4 * sizeof(long)) + payload.Length;
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, group);
        BinaryPrimitives.WriteInt64LittleEndian(buffer[8..], channel);
        BinaryPrimitives.WriteInt64LittleEndian(buffer[16..], user);
        var end = 32 + Encoding.UTF8.GetBytes(id, buffer[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(buffer[24..], end); // where the id ends and the text begins
        payload.CopyTo(buffer[end..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..(end + payload.Length)], hash);
        return new Guid(hash[..16]);
    }
}
