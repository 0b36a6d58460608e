using Xunit;

namespace Direct.Testing.WebSockets;

/// <summary>Provides the heads of opening handshakes that common clients and proxies send.</summary>
public static class UsualHeads
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    public const string RequestLine = "GET /!direct HTTP/1.1";

    /// <summary>Specifies the required headers. Their order has no meaning.</summary>
    public static readonly IReadOnlyList<string> Headers =
        ["Host: localhost:8085", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", $"Sec-WebSocket-Key: {Key}"];

    /// <summary>Specifies the minimal head that is answered 101.</summary>
    public static readonly string Plain = Of(RequestLine, Headers);

    /// <summary>Gets all heads by name; assertion messages show the name.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["plain"] = Plain,
        ["Chrome"] = Of(
            "GET /!direct HTTP/1.1",
            "Host: chat.example.com:8085",
            "Connection: Upgrade",
            "Pragma: no-cache",
            "Cache-Control: no-cache",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Upgrade: websocket",
            "Origin: https://chat.example.com",
            "Sec-WebSocket-Version: 13",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Accept-Language: en-GB,en;q=0.9",
            "Cookie: session=4f5d4c3b; theme=\"dark; wide\"",
            "Sec-WebSocket-Key: sN9cRrP/n9NdMgdcy2VJFQ==",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
        ["Firefox"] = Of(
            "GET /!direct?room=1%2C2 HTTP/1.1",
            "Host: chat.example.com",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Accept: */*",
            "Accept-Language: de,en-US;q=0.7,en;q=0.3",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Sec-WebSocket-Version: 13",
            "Origin: http://chat.example.com",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Key: BHS1VyrXlo0sLpTyTIYGPw==",
            "DNT: 1",
            "Connection: keep-alive, Upgrade",
            "Sec-Fetch-Dest: empty",
            "Sec-Fetch-Mode: websocket",
            "Sec-Fetch-Site: same-origin",
            "Pragma: no-cache",
            "Cache-Control: no-cache",
            "Upgrade: websocket"),
        ["Safari"] = Of(
            "GET /%21direct HTTP/1.1",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: Hq6tXWvXbWXK6xOO8oA5Xg==",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Host: [2001:db8::7]:8085",
            "Origin: null",
            "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
            "Accept-Language: en-GB,en;q=0.9",
            "Cache-Control: no-cache",
            "Pragma: no-cache",
            "Accept-Encoding: gzip, deflate"),
        ["npm's ws"] = Of(
            "GET /!direct HTTP/1.1",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: o1vYqzL1yBOPh2CN5gA3xQ==",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Host: 127.0.0.1:8085"),
        ["a proxy"] = Of(
            "GET /!direct HTTP/1.1",
            "host: direct.internal",
            "upgrade: websocket",
            "connection: upgrade",
            "sec-websocket-version: 13",
            "sec-websocket-key: 8J+YgPCfmIDwn5iA8J+YgA==",
            "x-forwarded-for: 203.0.113.7, 198.51.100.1",
            "x-forwarded-proto: https",
            "x-real-ip: 203.0.113.7",
            "cf-connecting-ip: 203.0.113.7"),
    };

    /// <summary>Returns a head with this request line and these headers.</summary>
    public static string Of(string requestLine, params IEnumerable<string> headers) =>
        string.Join("\r\n", [requestLine, .. headers]) + "\r\n\r\n";

    /// <summary>Returns <see cref="Plain"/> followed by more headers.</summary>
    public static string With(params string[] headers) => Of(RequestLine, [.. Headers, .. headers]);

    /// <summary>Returns <see cref="Plain"/> with the header of that name replaced by others.</summary>
    public static string Instead(string name, params string[] headers)
    {
        var index = Headers.ToList().FindIndex(header => header.StartsWith($"{name}:", StringComparison.Ordinal));
        Assert.True(index >= 0, $"no {name}");
        return Of(RequestLine, [.. Headers.Take(index), .. headers, .. Headers.Skip(index + 1)]);
    }
}
