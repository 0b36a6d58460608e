using System.Net;
using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>Reads the kernel's <c>struct sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class PeerAddress
{
    /// <summary>What the longer of the two needs.</summary>
    public const int Bytes = 28;

    public static IPAddress Read(ReadOnlySpan<byte> address) => MemoryMarshal.Read<ushort>(address) switch
    {
        Libc.AddressFamilyIPv4 => new IPAddress(address.Slice(4, 4)),
        Libc.AddressFamilyIPv6 => new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])),
        _ => IPAddress.None,
    };
}
