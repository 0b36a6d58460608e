using System.Buffers.Binary;
using System.Text;
using Direct.Edge.Connections;

namespace Direct.Fuzz.Fakes;

/// <summary>Implements a socket that accepts everything, and records pongs, texts and the close frame.</summary>
internal sealed class RecordingSocket(List<string> events) : ITransportConnection
{
    public void Attach(Connection connection)
    {
    }

    // Whole frames, because nothing ever waits.
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        while (!bytes.IsEmpty)
        {
            var (header, payload) = bytes[1] == 126 ? (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])) : (2, bytes[1]);
            Check.That(payload <= bytes.Length - header && bytes[1] <= 126, $"sent, but no frame: {Convert.ToHexString(bytes)}");
            Record(bytes[0], bytes.Slice(header, payload));
            bytes = bytes[(header + payload)..];
        }

        return length;
    }

    public void Abort() => events.Add("abort");

    private void Record(byte first, ReadOnlySpan<byte> payload) => events.Add(first switch
    {
        0x81 => Text(Encoding.UTF8.GetString(payload)),
        0x8A => $"pong {Convert.ToHexString(payload)}",
        0x88 when payload.IsEmpty => "close",
        0x88 when payload.Length > 1 => $"close {BinaryPrimitives.ReadUInt16BigEndian(payload)}",
        _ => $"sent {first:X2} {Convert.ToHexString(payload)}",
    });

    // Without what depends on other connections, and without the sentence that explains an error.
    private static string Text(string text) => text.Split(' ') switch
    {
        ["welcome", var user, _, _] => $"welcome {user}",
        ["error", var reference, var code, var verb, var room, ..] => $"error {reference} {code} {verb} {room}",
        _ => text,
    };
}
