using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Direct.Edge.Protocol;

/// <summary>
/// Implements the server side of the opening handshake (<see href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2">RFC 6455, 4.2</see>).
/// </summary>
internal static class WebSocketHandshake
{
    public const string SupportedVersion = "13";

    /// <summary>Specifies the sub-protocol with many rooms on one socket.</summary>
    public const string Direct2 = "direct.2";

    /// <summary>Specifies the length of the value of <c>Sec-WebSocket-Accept</c>.</summary>
    public const int AcceptCharacters = 28;

    private const int KeyCharacters = 24;
    private const int NonceBytes = 16;

    private static ReadOnlySpan<byte> AcceptGuid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Returns whether <paramref name="key"/> is 16 bytes in Base64, as <c>Sec-WebSocket-Key</c> must be.</summary>
    public static bool IsValidKey(string? key)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        return key is { Length: KeyCharacters } && Convert.TryFromBase64String(key, nonce, out var written) && written == NonceBytes;
    }

    /// <summary>Returns whether <paramref name="key"/>, as it was received, is 16 bytes in Base64.</summary>
    public static bool IsValidKey(ReadOnlySpan<byte> key) => key.Length == KeyCharacters && IsValidKey(Encoding.ASCII.GetString(key));

    /// <summary>Returns whether a value of <c>Sec-WebSocket-Protocol</c> contains <see cref="Direct2"/>. Names of sub-protocols are case-sensitive.</summary>
    public static bool OffersDirect2(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.Split((byte)','))
        {
            if (value[part].Trim(" \t"u8).SequenceEqual("direct.2"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns the value of <c>Sec-WebSocket-Accept</c> for a valid key.</summary>
    public static string AcceptValue(string key)
    {
        Span<byte> bytes = stackalloc byte[KeyCharacters];
        Span<byte> accept = stackalloc byte[AcceptCharacters];
        Encoding.ASCII.GetBytes(key, bytes);
        WriteAcceptValue(bytes, accept);
        return Encoding.ASCII.GetString(accept);
    }

    /// <summary>Writes the value of <c>Sec-WebSocket-Accept</c> for a valid key: <see cref="AcceptCharacters"/> bytes.</summary>
    public static void WriteAcceptValue(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[KeyCharacters + AcceptGuid.Length];
        key.CopyTo(input);
        AcceptGuid.CopyTo(input[KeyCharacters..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6455 requires SHA-1 here; it shows that the server speaks WebSocket and protects nothing.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        Base64.EncodeToUtf8(hash, destination, out _, out _);
    }
}
