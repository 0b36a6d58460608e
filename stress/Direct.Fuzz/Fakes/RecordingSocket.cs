using System.Buffers.Binary;
using Direct.Edge.Connections;

namespace Direct.Fuzz.Fakes;

/// <summary>Implements a socket that accepts everything, and records pongs and the close frame.</summary>
internal sealed class RecordingSocket(List<string> events) : ITransportConnection
{
    public void Attach(Connection connection)
    {
    }

    // One frame at a time, because nothing ever waits and nothing is delivered here.
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        Check.That(bytes.Length >= 2 && bytes[1] <= 125 && bytes.Length == 2 + bytes[1], $"sent, but no control frame: {Convert.ToHexString(bytes)}");
        events.Add(bytes[0] switch
        {
            0x8A => $"pong {Convert.ToHexString(bytes[2..])}",
            0x88 when bytes.Length == 2 => "close",
            0x88 when bytes.Length > 3 => $"close {BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])}",
            _ => $"sent {Convert.ToHexString(bytes)}",
        });
        return bytes.Length;
    }

    public void Abort() => events.Add("abort");
}
