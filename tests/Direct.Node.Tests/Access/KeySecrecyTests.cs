using Direct.Testing;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Access;

/// <summary>Tests that the keys of callers appear in no response and in no log line.</summary>
public sealed class KeySecrecyTests
{
    private const string Key = "kZ4qXv81mNpB7rTcW2yL";
    private const string Nearly = "kZ4qXv81mNpB7rTcW2yM";
    private const string Trace = "kZ4qXv81";

    public static TheoryData<string> Places => ["Logging:LogLevel", "Logging:Console:LogLevel"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Key_WhateverIsLogged_IsInNoLogAndNoAnswer(string place)
    {
        await using var node = await NodeProcess.StartAsync(
            "env=production",
            "sessions=none",
            $"Direct:Signals:Keys:0={Key}",
            "Direct:Signals:FailedAttemptsPerMinute=5",
            $"{place}:Default=Trace",
            $"{place}:Direct=Trace",
            $"{place}:Microsoft=Trace",
            $"{place}:Microsoft.AspNetCore=Trace",
            $"{place}:Microsoft.AspNetCore.Hosting.Diagnostics=Trace",
            $"{place}:Microsoft.AspNetCore.Server.Kestrel=Trace",
            $"{place}:Microsoft.AspNetCore.Server.Kestrel.BadRequests=Trace",
            $"Direct:Unknown:Key={Key}"); // causes a warning
        string[] requests =
        [
            .. Requests(Key),
            .. Requests(Nearly),
            .. Enumerable.Range(0, 10).Select(_ => Request($"GET /!direct-signal?part=0,0,0&message=x&key={Nearly} HTTP/1.1")),
        ];

        var answers = new List<HttpAnswer>();
        foreach (var request in requests)
        {
            answers.Add(await RawHttp.SendAsync(node.Port, request));
        }

        await node.TerminateAsync();
        await node.WaitForExitAsync();

        // The requests must cover every kind of response, and the logs every level.
        Assert.Superset(new HashSet<int> { 200, 400, 401, 404, 405, 426, 429 }, answers.Select(answer => answer.Status).ToHashSet());
        Assert.Contains(node.Output, line => line.StartsWith("dbug:", StringComparison.Ordinal));
        Assert.DoesNotContain(answers, answer => Whole(answer).Contains(Trace, StringComparison.Ordinal));
        LogLines.AssertNone(node.Output, line => line.Contains(Trace, StringComparison.Ordinal));
    }

    private static string Whole(HttpAnswer answer) => $"{answer.StatusLine}{string.Join(' ', answer.Headers)}{answer.Text}";

    private static string[] Requests(string key) =>
    [
        Request("GET /!direct-signal?part=0,0,0&message=x HTTP/1.1", $"Authorization: Bearer {key}"),
        Request($"GET /!direct-signal?part=0,0,0&message=x&key={key} HTTP/1.1"),
        Request($"GET /!direct-signal?key={key} HTTP/1.1"),
        Request($"GET /!direct-signal?part=0,0,0&key={key}&message=% HTTP/1.1"),
        Request($"POST /!direct-signal?key={key} HTTP/1.1", "Content-Type: application/json", "Content-Length: 1") + "[",
        Request($"POST /!direct-signal?part=0,0,0&key={key} HTTP/1.1", "Transfer-Encoding: chunked") + "zz\r\n",
        Request($"PUT /!direct-signal?key={key} HTTP/1.1", $"Authorization: Bearer {key}"),
        Request($"GET /!direct-signals?key={key} HTTP/1.1"),
        Request($"GET /!direct?key={key} HTTP/1.1", $"Authorization: Bearer {key}"),
        Request($"GET /?key={key} HTTP/1.1"),

        // These requests are refused by the web server itself: a space in the address, no version, a broken header, bytes that are not text.
        Request($"GET /!direct-signal?key={key}&message=two words HTTP/1.1"),
        Request($"GET /!direct-signal?key={key}"),
        Request($"GET /!direct-signal?key={key}&message=\u0416 HTTP/1.1"),
        Request($"GET /!direct-signal?key={key}\u0001 HTTP/1.1"),
        Request("GET /!direct-signal HTTP/1.1", $"Authorization : Bearer {key}"),
        Request("GET /!direct-signal HTTP/1.1", $"Authorization: Bearer {key}\u0001"),
        Request($"GET /!direct-signal?key={key} HTTP/3.7"),
        Request($"{key} / HTTP/1.1"),
        key + "\r\n\r\n",
    ];

    private static string Request(string line, params string[] headers) =>
        string.Join("\r\n", [line, "Host: x", "Connection: close", .. headers]) + "\r\n\r\n";
}
