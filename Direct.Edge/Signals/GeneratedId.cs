using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Direct.Edge.Signals;

/// <summary>
/// Generates the ids of signals whose backend gave none: 32 hexadecimal digits, of which 16 are random for each process, and 16 count from a random number.
/// A random id for each signal would cost a system call for each.
/// </summary>
internal static class GeneratedId
{
    private static readonly string Prefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private static long _last = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Returns an id that no other call returns.</summary>
    public static string Next() => string.Create(Prefix.Length * 2, Interlocked.Increment(ref _last), static (id, number) =>
    {
        Prefix.CopyTo(id);
        number.TryFormat(id[Prefix.Length..], out _, "x16");
    });
}
