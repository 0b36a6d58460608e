using System.Buffers.Binary;

namespace Direct.Benchmarks.Fakes;

/// <summary>Creates masked frames, as a browser sends them.</summary>
internal static class ClientFrames
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Text(ReadOnlySpan<byte> payload)
    {
        var headerBytes = payload.Length < 126 ? 2 : 4;
        var frame = new byte[headerBytes + Key.Length + payload.Length];
        frame[0] = 0x81;
        frame[1] = (byte)(0x80 | Math.Min(payload.Length, 126));
        if (headerBytes == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        Key.CopyTo(frame, headerBytes);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[headerBytes + Key.Length + i] = (byte)(payload[i] ^ Key[i % Key.Length]);
        }

        return frame;
    }

    /// <summary>Returns a broadcast, of which <paramref name="textBytes"/> are sent to members.</summary>
    public static byte[] Broadcast(int textBytes) => Text([(byte)':', .. Payload(textBytes)]);

    /// <summary>Returns the same frame many times, as it arrives if a sender does not wait.</summary>
    public static byte[] Repeated(byte[] frame, int times) => [.. Enumerable.Repeat(frame, times).SelectMany(bytes => bytes)];

    public static byte[] Payload(int bytes) => [.. Enumerable.Repeat((byte)'x', bytes)];
}
