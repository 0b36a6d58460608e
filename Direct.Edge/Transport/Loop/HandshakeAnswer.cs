using System.Globalization;
using Direct.Edge.Protocol;

namespace Direct.Edge.Transport.Loop;

/// <summary>Writes the 101 of an opening handshake, with the same headers as Kestrel.</summary>
internal static class HandshakeAnswer
{
    /// <summary>Specifies the longest answer, in bytes.</summary>
    public const int MaxBytes = 256;

    private const int DateCharacters = 29;

    private static ReadOnlySpan<byte> Start => "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nDate: "u8;

    private static ReadOnlySpan<byte> Middle => "\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "u8;

    private static ReadOnlySpan<byte> SelectsDirect2 => "\r\nSec-WebSocket-Protocol: direct.2"u8;

    /// <summary>Writes the answer to a valid <paramref name="key"/>. Returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="key">The key of the request.</param>
    /// <param name="selectsDirect2">Whether the sub-protocol <c>direct.2</c> is selected.</param>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> key, bool selectsDirect2 = false)
    {
        Start.CopyTo(destination);
        var length = Start.Length;
        DateTime.UtcNow.TryFormat(destination.Slice(length, DateCharacters), out _, "R", CultureInfo.InvariantCulture);
        length += DateCharacters;
        Middle.CopyTo(destination[length..]);
        length += Middle.Length;
        WebSocketHandshake.WriteAcceptValue(key, destination.Slice(length, WebSocketHandshake.AcceptCharacters));
        length += WebSocketHandshake.AcceptCharacters;
        if (selectsDirect2)
        {
            SelectsDirect2.CopyTo(destination[length..]);
            length += SelectsDirect2.Length;
        }

        "\r\n\r\n"u8.CopyTo(destination[length..]);
        return length + 4;
    }
}
