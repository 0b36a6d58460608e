using System.Text;
using System.Text.RegularExpressions;
using Direct.Edge.Transport.Loop;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed partial class HandshakeRequestTests
{
    // What a line of a head may have in the middle of it, for mutations that are still a head.
    public static TheoryData<string> Names => [.. UsualHeads.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AUsualHead_IsTakenToItsEnd(string name)
    {
        var head = UsualHeads.All[name];

        var read = ReadHead.Of(head);

        var key = Regex.Match(head, "sec-websocket-key: (.*)\r", RegexOptions.IgnoreCase).Groups[1].Value;
        Assert.Equal((HeadStatus.Accepted, head.Length, key), (read.Status, read.Length, read.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_EveryTruncationOfAUsualHead_IsIncomplete(string name)
    {
        var head = UsualHeads.All[name];

        var others = Enumerable.Range(0, head.Length).Where(cut => ReadHead.Of(head[..cut]).Status is not HeadStatus.Incomplete);

        Assert.Empty(others);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_BytesBehindTheHead_AreNotOfIt(string name)
    {
        var head = UsualHeads.All[name];
        byte[] frames = [0x81, 0x85, 0x0D, 0x0A, 0x0D, 0x0A, .. "\r\n\r\nGET / HTTP/1.1\r\n\r\n"u8];

        var read = ReadHead.Of([.. Encoding.ASCII.GetBytes(head), .. frames]);

        Assert.Equal(ReadHead.Of(head), read);
    }

    [Theory]
    [InlineData("Host", "Host: localhost")]
    [InlineData("Host", "Host: EXAMPLE.com:443")]
    [InlineData("Host", "Host: chat_1.example-2.com.:8085")]
    [InlineData("Host", "Host: 127.0.0.1")]
    [InlineData("Host", "Host: 1:65535")]
    [InlineData("Host", "Host: [::1]")]
    [InlineData("Host", "Host: [::1]:8085")]
    [InlineData("Host", "Host: [2001:DB8::ffff:192.0.2.1]:8085")]
    [InlineData("Host", "HOST:localhost")]
    [InlineData("Host", "host:   \t localhost \t ")]
    [InlineData("Connection", "Connection: keep-alive, Upgrade")]
    [InlineData("Connection", "connection:UPGRADE,Keep-Alive")]
    [InlineData("Connection", "Connection: \t upgrade  ,   keep-alive\t")]
    [InlineData("Upgrade", "Upgrade: WebSocket")]
    [InlineData("Upgrade", "UPGRADE:WEBSOCKET ")]
    [InlineData("Sec-WebSocket-Version", "sec-websocket-version:13")]
    [InlineData("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY:  AAAAAAAAAAAAAAAAAAAAAA==  ")]
    public void Read_AHeaderInAnotherForm_IsTaken(string name, string header)
    {
        Assert.Equal(HeadStatus.Accepted, ReadHead.Of(UsualHeads.Instead(name, header)).Status);
    }

    [Theory]
    [InlineData("Cookie: a=b; c=\"d,e\"; f=%F0%9F%98%80")]
    [InlineData("X-Anything!#$%&'*+-.^_`|~09: value")]
    [InlineData("X-Empty:")]
    [InlineData("X-Empty:   ")]
    [InlineData("Via: 1.1 proxy", "Via: 1.1 another")]
    [InlineData("Sec-WebSocket-Protocol: chat, superchat")]
    [InlineData("Keep-Alive: timeout=5")]
    [InlineData("X-Host: a", "Hosts: b", "Origins: c", "Expects: d", "Upgrades: e", "Connections: f")] // as long as a name, but another
    [InlineData("Authorization: Bearer a.b.c")]
    public void Read_OtherHeaders_AreNoneOfItsBusiness(params string[] headers)
    {
        Assert.Equal(HeadStatus.Accepted, ReadHead.Of(UsualHeads.With(headers)).Status);
    }

    [Theory]
    [InlineData("/!direct")]
    [InlineData("/%21direct")]
    [InlineData("/!direct?")]
    [InlineData("/!direct?a=b&c=%zz&part=1,2,3")]
    [InlineData("/%21direct?x=/../..//")]
    [InlineData("/!direct??~!@$^&*()_+{}|:\"<>`-=[]\\;',./")]
    public void Read_ATargetThatIsOurs_IsTaken(string target)
    {
        Assert.Equal(HeadStatus.Accepted, ReadHead.Of(UsualHeads.Of($"GET {target} HTTP/1.1", UsualHeads.Headers)).Status);
    }

    [Theory]
    [InlineData("GET /!DIRECT HTTP/1.1")]
    [InlineData("GET /!direct/ HTTP/1.1")]
    [InlineData("GET /!directs HTTP/1.1")]
    [InlineData("GET /!direct-signal?part=1,2,3 HTTP/1.1")]
    [InlineData("GET /!direct/?a HTTP/1.1")]
    [InlineData("GET //!direct HTTP/1.1")]
    [InlineData("GET /%21%64irect HTTP/1.1")]
    [InlineData("GET /%2521direct HTTP/1.1")]
    [InlineData("GET /x/../!direct HTTP/1.1")]
    [InlineData("GET /!direct%3F HTTP/1.1")]
    [InlineData("GET /!direct;a HTTP/1.1")]
    [InlineData("GET /!direct# HTTP/1.1")]
    [InlineData("GET /!direct?a#b HTTP/1.1")]
    [InlineData("GET /!direct?a b HTTP/1.1")]
    [InlineData("GET /!direct?\u00e4 HTTP/1.1")]
    [InlineData("GET /!direct?a\tb HTTP/1.1")]
    [InlineData("GET /!direct?a\nb HTTP/1.1")]
    [InlineData("GET /!direct?a\rb HTTP/1.1")]
    [InlineData("GET /!direct?a\0b HTTP/1.1")]
    [InlineData("GET /!direct?\u007f HTTP/1.1")]
    [InlineData("GET http://localhost:8085/!direct HTTP/1.1")]
    [InlineData("GET  /!direct HTTP/1.1")]
    [InlineData("GET /!direct  HTTP/1.1")]
    [InlineData("GET /!direct HTTP/1.1 ")]
    [InlineData("GET /!direct\tHTTP/1.1")]
    [InlineData("GET /!direct")]
    [InlineData("GET /!direct HTTP/1.0")]
    [InlineData("GET /!direct HTTP/2.0")]
    [InlineData("GET /!direct HTTP/1.10")]
    [InlineData("GET /!direct http/1.1")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("get /!direct HTTP/1.1")]
    [InlineData("POST /!direct HTTP/1.1")]
    [InlineData("HEAD /!direct HTTP/1.1")]
    [InlineData(" GET /!direct HTTP/1.1")]
    [InlineData("\r\nGET /!direct HTTP/1.1")]
    [InlineData("PRI * HTTP/2.0")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000")]
    [InlineData("")]
    public void Read_AnotherRequestLine_IsNotTaken(string line)
    {
        AssertDeclined(UsualHeads.Of(line, UsualHeads.Headers));
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Upgrade")]
    [InlineData("Connection")]
    [InlineData("Sec-WebSocket-Version")]
    [InlineData("Sec-WebSocket-Key")]
    public void Read_AHeaderMissingOrTwice_IsNotTaken(string name)
    {
        var header = UsualHeads.Headers.Single(header => header.StartsWith($"{name}:", StringComparison.Ordinal));

        AssertDeclined(UsualHeads.Instead(name));
        AssertDeclined(UsualHeads.With(header));
        AssertDeclined(UsualHeads.With(header.ToUpperInvariant()));
        AssertDeclined(UsualHeads.With($"{name}:"));
        AssertDeclined(UsualHeads.Instead(name, $"{name}:", header));
        AssertDeclined(UsualHeads.Instead(name, $"{name}:"));
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version", "12")]
    [InlineData("Sec-WebSocket-Version", "14")]
    [InlineData("Sec-WebSocket-Version", "8")]
    [InlineData("Sec-WebSocket-Version", "013")]
    [InlineData("Sec-WebSocket-Version", "13, 8")]
    [InlineData("Sec-WebSocket-Version", "1 3")]
    [InlineData("Sec-WebSocket-Version", "thirteen")]
    [InlineData("Sec-WebSocket-Key", "dGhl")]
    [InlineData("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==")]
    [InlineData("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("Sec-WebSocket-Key", "A A A A A A A A A A A A ")]
    [InlineData("Upgrade", "h2c")]
    [InlineData("Upgrade", "websocket, h2c")]
    [InlineData("Upgrade", "websocket/13")]
    [InlineData("Upgrade", "web socket")]
    [InlineData("Upgrade", "websockets")]
    [InlineData("Connection", "close")]
    [InlineData("Connection", "keep-alive")]
    [InlineData("Connection", "Upgrade, close")]
    [InlineData("Connection", "Upgrade, Upgrade")]
    [InlineData("Connection", "Upgrade,")]
    [InlineData("Connection", ",Upgrade")]
    [InlineData("Connection", "Upgrade, HTTP2-Settings")]
    [InlineData("Connection", "Upgrades")]
    [InlineData("Connection", "keep-alive Upgrade")]
    [InlineData("Host", "a b")]
    [InlineData("Host", "a,b")]
    [InlineData("Host", "a/b")]
    [InlineData("Host", "user@a")]
    [InlineData("Host", "a:")]
    [InlineData("Host", "a:b")]
    [InlineData("Host", "a:80:80")]
    [InlineData("Host", "a:123456")]
    [InlineData("Host", "a:-1")]
    [InlineData("Host", ":80")]
    [InlineData("Host", "::1")]
    [InlineData("Host", "a::80")]
    [InlineData("Host", "a::::")]
    [InlineData("Host", "[")]
    [InlineData("Host", "[]")]
    [InlineData("Host", "[::1")]
    [InlineData("Host", "[::1]x")]
    [InlineData("Host", "[::1]:")]
    [InlineData("Host", "[::1]::80")]
    [InlineData("Host", "[fe80::1%25eth0]")]
    [InlineData("Host", "[example.com]")]
    [InlineData("Host", "a%2Fb")]
    [InlineData("Host", "http://a")]
    public void Read_AnotherValue_IsNotTaken(string name, string value)
    {
        AssertDeclined(UsualHeads.Instead(name, $"{name}: {value}"));
    }

    // Kestrel wants three characters between the brackets at least: [::] is nobody's address.
    [Fact]
    public void Read_TheHostOfNobody_IsNotTaken() => AssertDeclined(UsualHeads.Instead("Host", "Host: [::]"));

    [Theory]
    [InlineData("Content-Length: 0")]
    [InlineData("Content-Length: 5")]
    [InlineData("CONTENT-LENGTH:0")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("transfer-encoding: identity")]
    [InlineData("Expect: 100-continue")]
    [InlineData("expect:")]
    [InlineData("Origin: https://a", "Origin: https://b")]
    [InlineData("Origin:", "Origin:")]
    [InlineData("X-A: b\r\n folded")]
    [InlineData("X-A: b\r\n\tfolded")]
    [InlineData("X-A: a\tb")]
    [InlineData("X-A: a\nb")]
    [InlineData("X-A: a\nContent-Length: 5")]
    [InlineData("X-A: a\rb")]
    [InlineData("X-A: a\r\rb")]
    [InlineData("X-A: \r")]
    [InlineData("X-A: a\0b")]
    [InlineData("X-A: a\u0001b")]
    [InlineData("X-A: a\u007fb")]
    [InlineData("X-A: \u00e4")]
    [InlineData("X-A: \u0080")]
    [InlineData("X-A: \u00ff")]
    [InlineData("X-A : b")]
    [InlineData("X-A\t: b")]
    [InlineData(" X-A: b")]
    [InlineData("X A: b")]
    [InlineData("X-\u00c4: b")]
    [InlineData("X-A(b): c")]
    [InlineData("X\0A: b")]
    [InlineData("X-A")]
    [InlineData(": b")]
    [InlineData(":authority: a")]
    [InlineData("\n")]
    [InlineData("\r")]
    public void Read_AnotherHeader_IsNotTaken(params string[] headers)
    {
        AssertDeclined(UsualHeads.With(headers));
        AssertDeclined(UsualHeads.Of(UsualHeads.RequestLine, [.. headers, .. UsualHeads.Headers]));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\n\r")]
    [InlineData("\r\r\n")]
    public void Read_OtherLineEnds_AreNotTaken(string lineEnd)
    {
        var head = UsualHeads.Plain.Replace("\r\n", lineEnd, StringComparison.Ordinal);

        Assert.NotEqual(HeadStatus.Accepted, ReadHead.Of(head).Status);
        AssertDeclined(head + "\r\n\r\n");
        for (var line = 0; line < UsualHeads.Headers.Count; line++)
        {
            // At one place alone, the others being as they should. Behind the last header it would be no end yet.
            string[] lines = [UsualHeads.RequestLine, .. UsualHeads.Headers];
            AssertDeclined(string.Concat(lines.Select((text, i) => text + (i == line ? lineEnd : "\r\n"))) + "\r\n");
        }
    }

    [Theory]
    [InlineData(95, true)]
    [InlineData(96, false)]
    public void Read_HeadersBeyondAHundred_AreNotTaken(int more, bool isAccepted)
    {
        Assert.Equal(
            Expected(isAccepted), ReadHead.Of(
                UsualHeads.With([.. Enumerable.Range(0, more).Select(number => $"X-{number}: {number}")])).Status);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void Read_ARequestLineBeyond4KiB_IsNotTaken(int lineBytes, bool isAccepted)
    {
        const string Start = "GET /!direct?";
        const string End = " HTTP/1.1";
        var line = Start + new string('q', lineBytes - Start.Length - End.Length) + End;

        Assert.Equal(Expected(isAccepted), ReadHead.Of(UsualHeads.Of(line, UsualHeads.Headers)).Status);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(1000, false)]
    public void Read_AHeadBeyond16KiB_IsNotTaken(int tooMany, bool isAccepted)
    {
        var rest = HandshakeRequest.MaxBytes + tooMany - UsualHeads.With("X-Long: ").Length;
        var head = UsualHeads.With($"X-Long: {new string('x', rest)}");

        Assert.Equal(HandshakeRequest.MaxBytes + tooMany, head.Length);
        Assert.Equal(Expected(isAccepted), ReadHead.Of(head).Status);
        Assert.Equal(HeadStatus.Incomplete, ReadHead.Of(head[..(HandshakeRequest.MaxBytes - 1)]).Status);
    }

    [Fact]
    public void Read_FullOfBytesWithoutAnEnd_IsNotTaken()
    {
        var head = UsualHeads.Plain[..^2] + "X-Long: " + new string('x', HandshakeRequest.MaxBytes);

        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head[..HandshakeRequest.MaxBytes]).Status);
        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://chat.example.com")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("no origin at all, really")]
    public void Read_Origin_IsToldAsItIs(string? origin)
    {
        var read = ReadHead.Of(origin is null ? UsualHeads.Plain : UsualHeads.With($"Origin: {origin}"));

        Assert.Equal((HeadStatus.Accepted, origin), (read.Status, read.Origin));
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.7")]
    [InlineData("X-Forwarded-For: 203.0.113.7, 10.0.0.1", "x-forwarded-for:  203.0.113.7, 10.0.0.1 ")]
    [InlineData("X-Forwarded-For: 203.0.113.7,10.0.0.1", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 10.0.0.1")]
    [InlineData("X-Real-IP: 203.0.113.7", "X-REAL-IP: 203.0.113.7")]
    [InlineData("CF-Connecting-IP: 2001:db8::1", "CF-Connecting-IP: 2001:db8::1")]
    [InlineData("CF-Connecting-IP: |X-Forwarded-For: a", "CF-Connecting-IP:", "X-Forwarded-For: a")]
    [InlineData("CF-Connecting-IP: a|X-Forwarded-For: b|X-Real-IP: c", "X-Real-IP: c", "X-Forwarded-For: b", "CF-Connecting-IP: a")]
    [InlineData("", "X-Forwarded-Host: a", "Forwarded: for=b", "X-Forwarded-Foo: c", "CF-Connecting-IQ: d", "X-Real-IQ: e")]
    public void Read_AddressHeaders_AreToldAsKestrelJoinsThem(string expected, params string[] headers)
    {
        var read = ReadHead.Of(UsualHeads.With(headers));

        Assert.Equal((HeadStatus.Accepted, expected), (read.Status, read.Addresses));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_RandomMutations_TakesNothingThatADifferentReaderWouldNot(int seed)
    {
        const int Rounds = 20_000;
        var random = new Random(seed);
        var usual = UsualHeads.All.Values.ToArray();
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var head = MutatedHead.Of(usual[random.Next(usual.Length)], random, changes: random.Next(1, 4));

            var read = ReadHead.Of(head);
            Assert.True(read.Status is not HeadStatus.Accepted || IsUsual(head[..read.Length]), $"seed {seed}, round {round}, taken: {head}");
            taken += read.Status is HeadStatus.Accepted ? 1 : 0;
        }

        Assert.InRange(taken, Rounds / 20, Rounds); // else it would say nothing
    }

    [Fact]
    public void Read_RandomBytesBehindTheStart_NeverThrows()
    {
        var random = new Random(4);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, 400)];
            random.NextBytes(bytes);

            var read = ReadHead.Of([.. "GET /!direct"u8, .. bytes, .. round % 2 == 0 ? "\r\n\r\n"u8 : []]);

            Assert.True(read.Status is not HeadStatus.Accepted, $"round {round}");
        }
    }

    private static HeadStatus Expected(bool isAccepted) => isAccepted ? HeadStatus.Accepted : HeadStatus.Declined;

    // Not taken as a whole, nor at any point before, and never taken back once it is known.
    private static void AssertDeclined(string head)
    {
        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head).Status);
        var isKnown = false;
        for (var cut = 0; cut < head.Length; cut++)
        {
            var status = ReadHead.Of(head[..cut]).Status;
            Assert.True(status is HeadStatus.Declined || (status is HeadStatus.Incomplete && !isKnown), $"{status} of {head[..cut]}");
            isKnown = status is HeadStatus.Declined;
        }
    }

    // The same rules in other words: by regular expressions, line by line.
    private static bool IsUsual(string head)
    {
        if (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) || !VisibleLines().IsMatch(head))
        {
            return false;
        }

        var lines = head[..^4].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(
            parts => parts[0].ToLowerInvariant(), parts => parts[1].Trim(' ', '\t'));
        return Target().IsMatch(lines[0])
            && headers["host"].ToArray() is [var host] && Host().IsMatch(host)
            && headers["upgrade"].ToArray() is [var upgrade] && upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)
            && headers["connection"].ToArray() is [var connection] && ConnectionOptions().IsMatch(connection)
            && headers["sec-websocket-version"].ToArray() is ["13"]
            && headers["sec-websocket-key"].ToArray() is [var key] && WebSocketKey().IsMatch(key)
            && headers["origin"].Count() <= 1
            && !headers.Contains("content-length") && !headers.Contains("transfer-encoding") && !headers.Contains("expect");
    }

    [GeneratedRegex(@"\A[\x20-\x7E]+\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\x20-\x7E]*[ \t]*\r\n)+\r\n\z")]
    private static partial Regex VisibleLines();

    [GeneratedRegex(@"\AGET /(!|%21)direct(\?[!-""$-~]*)? HTTP/1\.1\z")]
    private static partial Regex Target();

    [GeneratedRegex(@"\A(\[[0-9A-Fa-f:.]{3,}\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"\A([ \t]*keep-alive[ \t]*,)*[ \t]*upgrade[ \t]*(,[ \t]*keep-alive[ \t]*)*\z", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionOptions();

    [GeneratedRegex(@"\A[0-9A-Za-z+/]{22}==\z")]
    private static partial Regex WebSocketKey();
}
