namespace Direct.Testing.WebSockets;

/// <summary>Provides heads of opening handshakes with a few random errors.</summary>
public static class MutatedHead
{
    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", ":", ": ", ",", " ", "\t", "\0", "\u00e4", "#", "?", "%21", "[", "]", "::", "13", "Upgrade", "keep-alive",
        "close", "HTTP/1.1", "GET ", "/!direct", "Host: x\r\n",
        "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "\r\n ", "\r\n\r\n", "Sec-WebSocket-Version: 13\r\n", "Origin: a\r\n",
        "X-Forwarded-For: 1.1.1.1\r\n",
    ];

    /// <summary>Returns the head with one change after another.</summary>
    public static string Of(string head, Random random, int changes)
    {
        for (; changes > 0; changes--)
        {
            head = Change(head, random);
        }

        return head;
    }

    private static string Change(string head, Random random)
    {
        var at = random.Next(head.Length);
        var length = Math.Min(random.Next(1, 12), head.Length - at);
        return random.Next(7) switch
        {
            0 => head.Remove(at, length),
            1 => head.Insert(at, head.Substring(random.Next(head.Length - length), length)),
            2 => head.Insert(at, Pieces[random.Next(Pieces.Length)]),
            3 => head.Remove(at, 1).Insert(at, $"{(char)random.Next(0, 256)}"),
            4 => head.Remove(at, 1).Insert(at, $"{(char)random.Next(0x20, 0x7F)}"),
            5 => head[..at] + head.Substring(at, length).ToUpperInvariant() + head[(at + length)..],
            _ => head.Insert(at, new string((char)random.Next(0x20, 0x7F), random.Next(1, 300))),
        };
    }
}
