using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests the steps of the original tool, as a server receives them.</summary>
public sealed class ChatTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Chat_EveryConnection_GivesATokenJoinsAndEveryTenthSaysHello()
    {
        var outcome = await StressOutcome.RunAsync(
            $"--url={_server.Url}", "--connections=25", "--batch=10", "--delay=20", "--duration=0.2", "--json");

        outcome.GoodReport();
        var said = _server.Connections
            .Select(static connection => connection.Texts)
            .OrderBy(static texts => int.Parse(texts[0].Split('-')[^1]))
            .ToList();
        Assert.Equal(
            Enumerable.Range(0, 25).Select(static n => (string[])[
                $"test-token-{n}",
                $"{(n % 10) + 1},{(n % 5) + 1}",
                .. n % 10 == 0 ? [$":hello from #{n}"] : Array.Empty<string>(),
                "close"]),
            said);
    }

    [Fact]
    public async Task Chat_WithoutJson_PrintsTheReportOfTheOriginal()
    {
        _server.Refuses = static number => number < 2;

        var outcome = await StressOutcome.RunAsync($"--url={_server.Url}", "--connections=10", "--duration=0.1");

        Assert.Equal(1, outcome.ExitCode);
        Assert.All(
            [
                "Connections requested", "Succeeded", "8 (80 %)", "Failed", "average", "minimum", "maximum", "P95", "Messages sent",
                "Messages received", "handshake: HTTP/1.1 503 Service Unavailable", "MISSED --max-failed=0: it was 2",
            ],
            text => Assert.Contains(text, outcome.Output, StringComparison.Ordinal));
    }
}
