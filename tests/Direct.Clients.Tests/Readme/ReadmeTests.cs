using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Direct.Clients.Tests.Browser;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Microsoft.Playwright;
using Xunit;

namespace Direct.Clients.Tests.Readme;

/// <summary>
/// Tests that the unchanged examples of README.md do what it says. The resolver of the browser and the settings of curl lead <c>localhost:8085</c> to
/// the node of the test, so the port need not be free.
/// </summary>
public sealed partial class ReadmeTests(Chromium chromium)
{
    private const string Host = "localhost:8085";

    [Fact]
    public async Task Examples_InTwoTabsAndAShell_Work()
    {
        var example = ReadmeBlocks.Browser();
        var curl = ReadmeBlocks.Curl();
        await using var node = await NodeProcess.StartAsync();
        await using var browser = await chromium.StartForHostAsync(Host, node);
        var first = await RunAsync(browser, example);
        var second = await RunAsync(browser, example);
        await ReceivesAsync(first, "hello");
        await ReceivesAsync(second, "hello");

        var answer = await CurlAsync(node, "/bin/sh", ["-c", curl]);

        Assert.Contains("\"delivered\":2", answer, StringComparison.Ordinal);
        var message = WebUtility.UrlDecode(Message().Match(curl).Groups[1].Value);
        await ReceivesAsync(first, message);
        await ReceivesAsync(second, message);
    }

    [Fact]
    public async Task Curl_PastedIntoAnInteractiveShell_Works()
    {
        // An interactive bash expands `!` from its history unless it is in single quotes or escaped.
        var curl = ReadmeBlocks.Curl();
        await using var node = await NodeProcess.StartAsync();
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, curl, TestContext.Current.CancellationToken);

        var answer = await CurlAsync(node, "/bin/sh", ["-c", $"exec bash --norc --noprofile -i <{path}"]);

        File.Delete(path);
        Assert.Contains("\"delivered\":0", answer, StringComparison.Ordinal);
    }

    private static async Task<ConcurrentQueue<string>> RunAsync(IBrowser browser, string script)
    {
        var received = new ConcurrentQueue<string>();
        var page = await browser.NewPageAsync();
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => received.Enqueue(frame.Text ?? "");
        await page.GotoAsync($"http://{Host}/livez");
        await page.AddScriptTagAsync(new() { Content = script });
        return received;
    }

    private static Task ReceivesAsync(ConcurrentQueue<string> received, string text) =>
        Deadline.UntilAsync($"a tab gets \"{text}\"", () => received.Contains(text), actual: () => string.Join(", ", received));

    [GeneratedRegex("message=([^&'\"\\s]+)")]
    private static partial Regex Message();

    private static async Task<string> CurlAsync(NodeProcess node, string program, string[] arguments)
    {
        Assert.SkipWhen(InstalledProgram.Find("curl") is null, "curl is missing; install it: apt-get install curl");
        var home = Directory.CreateTempSubdirectory("direct-curl");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(home.FullName, ".curlrc"), $"connect-to = \"{Host}:127.0.0.1:{node.Port}\"\n");
            await using var command = Command.Start(
                program, arguments, home.FullName, new Dictionary<string, string> { ["CURL_HOME"] = home.FullName, ["HISTFILE"] = "" });
            await command.EndsWellAsync();
            return command.Output;
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}
