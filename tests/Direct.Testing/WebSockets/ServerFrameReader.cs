using System.Buffers.Binary;
using System.Text;

namespace Direct.Testing.WebSockets;

/// <summary>Parses the bytes of a server into frames, and rejects everything that RFC 6455 forbids a server to send.</summary>
public sealed class ServerFrameReader
{
    private const int MaxPayloadBytes = 16 * 1024 * 1024;

    private readonly Decoder _utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private byte _messageOpcode;
    private bool _inMessage;
    private bool _closed;

    /// <summary>Reads one whole frame from the start of <paramref name="bytes"/>; returns false when more bytes are needed.</summary>
    public bool TryRead(ReadOnlySpan<byte> bytes, out ServerFrame? frame, out int consumed)
    {
        frame = null;
        consumed = 0;
        if (bytes.Length < 2)
        {
            return false;
        }

        var fin = (bytes[0] & 0x80) != 0;
        var opcode = (byte)(bytes[0] & 0x0F);
        Demand(!_closed, "a frame after the close frame");
        Demand((bytes[0] & 0x70) == 0, $"reserved bits set: 0x{bytes[0]:X2}");
        Demand((bytes[1] & 0x80) == 0, "a server's frame is masked");
        Demand(opcode is <= 2 or (>= 8 and <= 10), $"opcode {opcode}");

        var headerBytes = (bytes[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < headerBytes)
        {
            return false;
        }

        var length = headerBytes switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)(bytes[1] & 0x7F),
        };
        Demand(headerBytes != 4 || length >= 126, $"length {length} in two bytes");
        Demand(headerBytes != 10 || length > ushort.MaxValue, $"length {length} in eight bytes");
        Demand(length <= MaxPayloadBytes, $"length {length}");
        Demand(opcode < 8 || (fin && length <= 125), $"a control frame of {length} bytes, fin {fin}");
        if (bytes.Length < headerBytes + (int)length)
        {
            return false;
        }

        var payload = bytes.Slice(headerBytes, (int)length);
        Follow(opcode, fin, payload);
        frame = new ServerFrame(opcode, fin, payload.ToArray());
        consumed = headerBytes + payload.Length;
        return true;
    }

    private void Follow(byte opcode, bool fin, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Continuation:
                Demand(_inMessage, "a continuation without a beginning");
                break;
            case Opcode.Text or Opcode.Binary:
                Demand(!_inMessage, "a new message inside a fragmented one");
                _messageOpcode = opcode;
                break;
            case Opcode.Close:
                _closed = true;
                FollowClose(payload);
                return;
            default:
                return;
        }

        _inMessage = !fin;
        if (_messageOpcode == Opcode.Text)
        {
            CheckUtf8(payload, fin);
        }
    }

    private void FollowClose(ReadOnlySpan<byte> payload)
    {
        Demand(payload.Length != 1, "a close frame of one byte");
        if (payload.Length < 2)
        {
            return;
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        Demand(code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999), $"close code {code}");
        _utf8.Reset();
        CheckUtf8(payload[2..], flush: true);
    }

    private void CheckUtf8(ReadOnlySpan<byte> payload, bool flush)
    {
        try
        {
            _utf8.GetCharCount(payload, flush);
            Span<char> sink = payload.Length < 4096 ? stackalloc char[4100] : new char[payload.Length + 4];
            _utf8.GetChars(payload, sink, flush);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ProtocolViolationException("invalid UTF-8 in text", exception);
        }
    }

    private static void Demand(bool holds, string violation)
    {
        if (!holds)
        {
            throw new ProtocolViolationException(violation);
        }
    }
}
