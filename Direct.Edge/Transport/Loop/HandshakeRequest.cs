using System.Buffers;
using System.Text;
using Direct.Edge.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Parses the head of an opening handshake. It accepts only what browsers and libraries usually send, which is less than HTTP allows. Every other
/// request goes unchanged to Kestrel, which implements the rest of HTTP and answers invalid requests.
/// </summary>
internal ref struct HandshakeRequest
{
    /// <summary>Specifies the longest head that is accepted, in bytes. Kestrel accepts longer ones.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxRequestLineBytes = 4 * 1024;
    private const int MaxHeaders = 100;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> HostBytes =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create(".0123456789:ABCDEFabcdef"u8);

    private static readonly HeaderDictionary NoHeaders = [];

    private HeaderDictionary? _addressHeaders;
    private int _headers;
    private bool _hasUpgrade;
    private bool _hasConnection;
    private bool _hasVersion;

    /// <summary>Gets the size of the head in bytes, including the empty line.</summary>
    public int Length { get; private set; }

    /// <summary>Gets the value of <c>Sec-WebSocket-Key</c>, whose form is valid.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>Gets the value of <c>Host</c>, whose form is valid.</summary>
    public ReadOnlySpan<byte> Host { get; private set; }

    /// <summary>Gets the value of <c>Origin</c>; null if there is none.</summary>
    public string? Origin { get; private set; }

    /// <summary>Gets whether the client offers <c>direct.2</c>.</summary>
    public bool OffersDirect2 { get; private set; }

    /// <summary>Gets the headers in which proxies name their callers.</summary>
    public readonly IHeaderDictionary AddressHeaders => _addressHeaders ?? NoHeaders;

    /// <summary>Parses the head at the start of <paramref name="input"/>, which holds all input that has arrived.</summary>
    public static HeadStatus Read(ReadOnlySpan<byte> input, out HandshakeRequest head)
    {
        head = default;
        if (!MayBeRequestLine(input))
        {
            return HeadStatus.Declined;
        }

        var end = input[..Math.Min(input.Length, MaxBytes)].IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return input.Length < MaxBytes ? HeadStatus.Incomplete : HeadStatus.Declined;
        }

        head.Length = end + 4;
        var lines = input[..(end + 2)];
        var lineEnd = lines.IndexOf("\r\n"u8);
        if (!IsRequestLine(lines[..lineEnd]))
        {
            return HeadStatus.Declined;
        }

        for (lines = lines[(lineEnd + 2)..]; !lines.IsEmpty; lines = lines[(lineEnd + 2)..])
        {
            lineEnd = lines.IndexOf("\r\n"u8);
            if (++head._headers > MaxHeaders || !head.TryTakeHeader(lines[..lineEnd]))
            {
                return HeadStatus.Declined;
            }
        }

        return head is { _hasUpgrade: true, _hasConnection: true, _hasVersion: true, Host.IsEmpty: false, Key.IsEmpty: false }
            ? HeadStatus.Accepted
            : HeadStatus.Declined;
    }

    // Whether the input can be the start of a request line for this path.
    private static bool MayBeRequestLine(ReadOnlySpan<byte> input) => StartsAlike(input, "GET /!direct"u8) || StartsAlike(input, "GET /%21direct"u8);

    private static bool StartsAlike(ReadOnlySpan<byte> input, ReadOnlySpan<byte> start)
    {
        var common = Math.Min(input.Length, start.Length);
        return input[..common].SequenceEqual(start[..common]);
    }

    private static bool IsRequestLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxRequestLineBytes || !line.EndsWith(" HTTP/1.1"u8))
        {
            return false;
        }

        var target = line["GET ".Length..^" HTTP/1.1".Length];
        var path = target.IndexOf((byte)'?') is >= 0 and var query ? target[..query] : target;
        return (path.SequenceEqual("/!direct"u8) || path.SequenceEqual("/%21direct"u8))
            && !target.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E)
            && !target.Contains((byte)'#');
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> expected) => Ascii.EqualsIgnoreCase(text, expected);

    // Exactly one 'upgrade', and at most 'keep-alive' besides it, which Firefox sends.
    private static bool IsConnectionUpgrade(ReadOnlySpan<byte> value)
    {
        var upgrades = 0;
        foreach (var part in value.Split((byte)','))
        {
            var option = value[part].Trim(" \t"u8);
            if (Is(option, "upgrade"u8))
            {
                upgrades++;
            }
            else if (!Is(option, "keep-alive"u8))
            {
                return false;
            }
        }

        return upgrades == 1;
    }

    // A name, an IPv4 address or an IPv6 address in brackets, with an optional port.
    private static bool IsHost(ReadOnlySpan<byte> value)
    {
        var nameEnd = value is [(byte)'[', ..] ? value.IndexOf((byte)']') + 1 : value.IndexOf((byte)':') is >= 0 and var colon ? colon : value.Length;
        var name = value[..nameEnd];
        var isName = name is [(byte)'[', .. var address, (byte)']']
            ? address.Length >= 3 && !address.ContainsAnyExcept(IPv6Bytes)
            : !name.IsEmpty && !name.ContainsAnyExcept(HostBytes);
        return isName && IsPort(value[nameEnd..]);
    }

    // Empty, or a colon and digits.
    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text is [(byte)':', .. { Length: >= 1 and <= 5 } port] && !port.ContainsAnyExceptInRange((byte)'0', (byte)'9'));

    private bool TryTakeHeader(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(NameBytes))
        {
            return false;
        }

        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (value.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
        {
            return false; // contains a tab, a lone CR or LF, or a character beyond ASCII
        }

        return name.Length switch
        {
            4 when Is(name, "Host"u8) => TryTakeHost(value),
            6 when Is(name, "Origin"u8) => TryTakeOrigin(value),
            6 when Is(name, "Expect"u8) => false,
            7 when Is(name, "Upgrade"u8) => Once(ref _hasUpgrade, Is(value, "websocket"u8)),
            9 when Is(name, "X-Real-IP"u8) => TakeAddress("X-Real-IP", value),
            10 when Is(name, "Connection"u8) => Once(ref _hasConnection, IsConnectionUpgrade(value)),
            14 when Is(name, "Content-Length"u8) => false,
            15 when Is(name, "X-Forwarded-For"u8) => TakeAddress("X-Forwarded-For", value),
            16 when Is(name, "CF-Connecting-IP"u8) => TakeAddress("CF-Connecting-IP", value),
            17 when Is(name, "Transfer-Encoding"u8) => false,
            17 when Is(name, "Sec-WebSocket-Key"u8) => TryTakeKey(value),
            21 when Is(name, "Sec-WebSocket-Version"u8) => Once(ref _hasVersion, value.SequenceEqual("13"u8)),
            22 when Is(name, "Sec-WebSocket-Protocol"u8) => TakeProtocols(value),
            _ => true,
        };
    }

    // For a header that must occur exactly once.
    private static bool Once(ref bool isThere, bool isGood)
    {
        var isFirst = !isThere;
        isThere = true;
        return isFirst && isGood;
    }

    private bool TryTakeHost(ReadOnlySpan<byte> value)
    {
        var isFirst = Host.IsEmpty;
        Host = value;
        return isFirst && IsHost(value);
    }

    private bool TryTakeOrigin(ReadOnlySpan<byte> value)
    {
        var isFirst = Origin is null;
        Origin = Encoding.ASCII.GetString(value);
        return isFirst;
    }

    private bool TryTakeKey(ReadOnlySpan<byte> value)
    {
        var isFirst = Key.IsEmpty;
        Key = value;
        return isFirst && WebSocketHandshake.IsValidKey(value);
    }

    private bool TakeProtocols(ReadOnlySpan<byte> value)
    {
        OffersDirect2 |= WebSocketHandshake.OffersDirect2(value);
        return true;
    }

    private bool TakeAddress(string name, ReadOnlySpan<byte> value)
    {
        _addressHeaders ??= [];
        _addressHeaders[name] = StringValues.Concat(_addressHeaders[name], Encoding.ASCII.GetString(value));
        return true;
    }
}
