using System.Text;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>Provides unusual heads that clients, proxies and attackers send, in groups.</summary>
internal static class OddHeads
{
    private static readonly byte[] Ping = new ClientFrame(Opcode.Ping, "early"u8.ToArray()).Encode();
    private static readonly string Plain = UsualHeads.Plain;
    private static int _lastRoom = 4_100_000;

    public static readonly Dictionary<string, Dictionary<string, Script>> Groups = new()
    {
        ["usual heads"] = UsualHeads.All.ToDictionary(head => head.Key, head => Script.Of(head.Value)),
        ["headers missing, twice, empty, spaced"] = Texts(HeaderForms(), head => head),
        ["sizes"] = Sizes(),
        ["bodies and smuggling"] = Bodies(),
        ["frames and requests beside the head"] = Neighbours(),
        ["other protocols"] = OtherProtocols(),
        ["ends of the stream"] = Ends(),
    };

    private static IEnumerable<string> HeaderForms()
    {
        foreach (var header in UsualHeads.Headers)
        {
            var (name, value) = (header.Split(':')[0], header.Split(": ")[1]);
            yield return UsualHeads.Instead(name);
            yield return UsualHeads.With(header);
            yield return UsualHeads.With(header.ToUpperInvariant());
            yield return UsualHeads.With($"{name}:");
            yield return UsualHeads.With($"{name}: other");
            string[] forms =
            [
                $"{name}:", $"{name}: ", $"{name}:{value}", $"{name}:   {value}   ", $"{name}:\t{value}\t", $"{name} : {value}",
                $"{name}\t: {value}", $" {header}",
                $"\t{header}", header.ToUpperInvariant(), $"{name.ToUpperInvariant()}: {value}", $"{name}:\r\n {value}",
                $"{name}: {value}\r\n more", $"{name}: {value},",
                $"{name}: ,{value}", $"{name}: {value}, {value}", $"{name}: \"{value}\"", $"{name}: {value};q=1", $"{name}: {value}\0",
                $"{name}: \0{value}",
                $"{name}: {value}\u00e4", $"{name}: {value} x", $"{name}\u00e4: {value}", $"{name}\0: {value}", $"{name}={value}", name,
                $"{name}: {value}\r", $"{name}: {value}\n",
                $"{name}: {value}\u000b", $"{name}:: {value}",
            ];
            foreach (var form in forms)
            {
                yield return UsualHeads.Instead(name, form);
            }

            yield return UsualHeads.Instead(name, $"{name}:", header);
        }
    }

    private static Dictionary<string, Script> Sizes()
    {
        var heads = new Dictionary<string, string>();
        foreach (var count in (int[])[94, 95, 96, 97, 300])
        {
            heads[$"{count} more headers"] = UsualHeads.With([.. Enumerable.Range(0, count).Select(number => $"X-{number}: {number}")]);
        }

        foreach (var bytes in (int[])[4_050, 4_095, 4_096, 4_097, 8_192, 16_300, 100_000, 250_000])
        {
            heads[$"a query of {bytes}"] = UsualHeads.Of($"GET /!direct?{new string('q', bytes)} HTTP/1.1", UsualHeads.Headers);
        }

        foreach (var bytes in (int[])[1, 100, 8_000, 16_000, 16_180, 16_200, 16_210, 16_220, 16_384, 20_000, 32_000, 33_000, 70_000])
        {
            heads[$"a header of {bytes}"] = UsualHeads.With($"X-Long: {new string('x', bytes)}");
            heads[$"a name of {bytes}"] = UsualHeads.With($"X-{new string('n', bytes)}: x");
        }

        foreach (var bytes in Enumerable.Range(16 * 1024 - 4, 9))
        {
            heads[$"a head of {bytes}"] = UsualHeads.With($"X-Long: {new string('x', bytes - UsualHeads.With("X-Long: ").Length)}");
        }

        heads["a path without an end"] = $"GET /!direct?{new string('q', 300_000)}";
        heads["a header without an end"] = Plain[..^2] + "X-Long: " + new string('x', 60_000);
        heads["a cookie of 12,000"] = UsualHeads.With($"Cookie: {new string('c', 12_000)}");
        return heads.ToDictionary(head => head.Key, head => Script.Of(head.Value));
    }

    private static Dictionary<string, Script> Bodies()
    {
        string[] headers =
        [
            "Content-Length: 0", "Content-Length: 5", "Content-Length: 05", "Content-Length: +5", "Content-Length: -1",
            "Content-Length: 5, 5", "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 6", "Content-Length:", "Content-Length: x", "Content-Length: 0x5",
            "Content-Length: 99999999999999999999", "Content-Length : 5",
            "Transfer-Encoding: chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: gzip, chunked", "Transfer-Encoding:\tchunked", "Transfer-Encoding:", "Transfer-Encoding : chunked",
            "Transfer_Encoding: chunked",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        ];
        var scripts = new Dictionary<string, Script>();
        foreach (var header in headers)
        {
            var head = UsualHeads.With(header);
            scripts[$"{header}, frames behind"] = Script.Of(head, FramesOfARoom());
            scripts[$"{header}, a body behind"] = Script.Of(head + "12345");
            scripts[$"{header}, chunks behind"] = Script.Of(head + "5\r\n12345\r\n0\r\n\r\n");
            scripts[$"{header}, a request behind"] = Script.Of(head + "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: smuggled\r\n\r\n");
        }

        return scripts;
    }

    // Returns a token, a join and a broadcast to itself. Each script has a separate room, because scripts run concurrently.
    private static byte[] FramesOfARoom() =>
    [
        .. ClientFrame.Text("token").Encode(),
        .. ClientFrame.Text(FormattableString.Invariant($"{++_lastRoom},1")).Encode(),
        .. ClientFrame.Text(":early").Encode(),
    ];

    private static Dictionary<string, Script> Neighbours()
    {
        const string Livez = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
        const string Signal = "POST /!direct-signal?part=0,0,987654321&id=b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
        var head = Encoding.ASCII.GetBytes(Plain);
        byte[] twoFrames = [.. ClientFrame.Text("token").Encode(), .. ClientFrame.Text("4000002,1").Encode()];
        return new Dictionary<string, Script>
        {
            ["frames in the same segment"] = Script.Of(Plain, twoFrames) with { HasToken = true },
            ["a text that is echoed in the same segment"] = Script.Of(Plain, FramesOfARoom()) with { HasToken = true, Echo = "early" },
            ["half a frame in the same segment"] =
                new Script(new Script.Piece([.. head, .. twoFrames[..3]]), new Script.Piece(twoFrames[3..], 50)) with { HasToken = true },
            ["frames in the segment of the head's end"] =
                new Script(new Script.Piece(head[..^2]), new Script.Piece([.. head[^2..], .. twoFrames], 100)) with { HasToken = true },
            ["a bad frame in the same segment"] = Script.Of(Plain, [0xFF, 0xFF]),
            ["an unmasked frame in the same segment"] = Script.Of(Plain, [0x81, 0x01, 0x41]),
            ["a goodbye in the same segment"] = Script.Of(Plain, ClientFrame.Close(1000).Encode()),
            ["a request behind"] = Script.Of(Plain + Livez),
            ["the same head behind"] = Script.Of(Plain + Plain),
            ["line ends behind"] = Script.Of(Plain + "\r\n\r\n"),
            ["a request before"] = Script.Of(Livez + Plain),
            ["two requests before"] = Script.Of(Livez + Livez + Plain),
            ["a request before, in pieces"] = new Script(new Script.Piece(Encoding.ASCII.GetBytes(Livez)), new Script.Piece(head, 100)),
            ["a refused head before"] = Script.Of(UsualHeads.Instead("Sec-WebSocket-Version") + Plain),
            ["a refused head before, in pieces"] = new Script(
                new Script.Piece(Encoding.ASCII.GetBytes(UsualHeads.Instead("Sec-WebSocket-Key"))), new Script.Piece(head, 100)),
            ["a signal of another path"] = Script.Of("GET /!direct-signal?part=0,0,987654321&id=a&message=x HTTP/1.1\r\nHost: a\r\n\r\n"),
            ["a signal with a body"] = Script.Of(Signal + "hello"),
            ["a signal with a body, in pieces"] = new Script(
                new Script.Piece(Encoding.ASCII.GetBytes(Signal)), new Script.Piece("hello"u8.ToArray(), 100)),
        };
    }

    private static Dictionary<string, Script> OtherProtocols() => new()
    {
        ["a TLS hello"] = new Script(new Script.Piece(Convert.FromHexString(
            "16030100A5010000A10303000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20E0E1E2E3E4E5E6E7E8E9EAEBECEDEEEF"
            + "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF0006130113021303010000520000000E000C0000096C6F63616C686F7374"
            + "000B000403000102000A00040002001D000D0004000208040010000B000908687474702F312E31"))),
        ["an HTTP/2 preface"] = Script.Of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [0, 0, 0, 4, 0, 0, 0, 0, 0]),
        ["an upgrade to HTTP/2"] = Script.Of(
            UsualHeads.Of(
                "GET /!direct HTTP/1.1", "Host: a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")),
        ["a proxy's own line"] = Script.Of("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + Plain),
        ["an SSH banner"] = Script.Of("SSH-2.0-OpenSSH_9.9\r\n"),
        ["mail"] = Script.Of("EHLO example.com\r\n"),
        ["frames without a handshake"] = Script.Of("", Ping) with { HalfCloses = true, IsCutShort = true },
        ["nothing but zeros"] = new Script(new Script.Piece(new byte[500])) with { HalfCloses = true, IsCutShort = true },
        ["line ends alone"] = Script.Of("\r\n\r\n\r\n\r\n") with { HalfCloses = true, IsCutShort = true },
    };

    private static Dictionary<string, Script> Ends()
    {
        var scripts = new Dictionary<string, Script>
        {
            ["at once"] = Script.Of("") with { HalfCloses = true },
            ["behind the head"] = Script.Of(Plain) with { HalfCloses = true },
            ["behind a ping"] = Script.Of(Plain, Ping) with { HalfCloses = true },
            ["inside a frame"] = Script.Of(Plain, Ping[..3]) with { HalfCloses = true },
            ["behind a goodbye"] = Script.Of(Plain, ClientFrame.Close(1000).Encode()) with { HalfCloses = true },
            ["behind a refused head"] = Script.Of(UsualHeads.Instead("Host")) with { HalfCloses = true },
            ["behind a request"] = Script.Of("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n") with { HalfCloses = true },
        };
        for (var at = 1; at < Plain.Length; at += 13)
        {
            scripts[$"after {at} bytes"] = Script.Of(Plain[..at]) with { HalfCloses = true, IsCutShort = true };
        }

        return scripts;
    }

    private static Dictionary<string, Script> Texts(IEnumerable<string> texts, Func<string, string> head) =>
        texts.Distinct(StringComparer.Ordinal).ToDictionary(text => text, text => Script.Of(head(text)));
}
