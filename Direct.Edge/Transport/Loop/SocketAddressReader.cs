using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>Reads the kernel's <c>struct sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class SocketAddressReader
{
    /// <summary>Specifies the size of the longer of the two.</summary>
    public const int MaxBytes = 28;

    private static readonly IPEndPoint Nowhere = new(IPAddress.None, 0);

    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) switch
        {
            Libc.AddressFamilyIPv4 => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            Libc.AddressFamilyIPv6 => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port),
            _ => Nowhere,
        };
    }
}
