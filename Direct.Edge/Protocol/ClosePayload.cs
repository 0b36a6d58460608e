using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Direct.Edge.Protocol;

/// <summary>
/// Reads and writes the payload of close frames: nothing, or a 16-bit code and a reason in UTF-8
/// (<see href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">RFC 6455, 7.4</see>).
/// </summary>
internal static class ClosePayload
{
    public const int MaxBytes = 125;

    /// <summary>Returns the code and text of a close reason.</summary>
    public static byte[] Of(CloseReason reason)
    {
        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason.Text)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, reason.Code);
        Encoding.UTF8.GetBytes(reason.Text, payload.AsSpan(2));
        return payload;
    }

    /// <summary>Returns why a client's close payload is invalid, or null.</summary>
    public static CloseReason? Refusal(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return null;
        }

        if (payload.Length == 1 || !IsLegalOnTheWire(BinaryPrimitives.ReadUInt16BigEndian(payload)))
        {
            return CloseReason.ProtocolError;
        }

        return Utf8.IsValid(payload[2..]) ? null : CloseReason.InvalidUtf8;
    }

    // 7.4.1 and the IANA registry: 1004-1006 and 1015 are never sent; codes below 1000 and 1016-2999 are not assigned.
    private static bool IsLegalOnTheWire(ushort code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
