using System.Buffers.Binary;
using System.Text;

namespace Direct.Testing.WebSockets;

/// <summary>Represents the content of a close frame. An empty one has the code <see cref="None"/>.</summary>
public readonly record struct CloseStatus(int Code, string Reason)
{
    /// <summary>Specifies the code of RFC 6455, section 7.1.5: "no status code was present".</summary>
    public const int None = 1005;

    public static byte[] Encode(int code, string reason)
    {
        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        return payload;
    }

    public override string ToString() => Reason.Length == 0 ? $"{Code}" : $"{Code} \"{Reason}\"";
}
