using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

/// <summary>The steps of the original's tool, as a server sees them.</summary>
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
    public async Task Chat_Batches_ComeWithADelayBetweenThem()
    {
        await StressOutcome.RunAsync($"--url={_server.Url}", "--connections=9", "--batch=3", "--delay=300", "--duration=0", "--json");

        var came = _server.Connections.Select(static connection => connection.Came).Order().ToList();
        var gaps = came.Zip(came.Skip(1), static (a, b) => System.Diagnostics.Stopwatch.GetElapsedTime(a, b).TotalMilliseconds).ToList();

        // Two pauses, at the ends of the first and the second batch; a busy machine may make them longer, never shorter.
        Assert.True(gaps[2] > 250 && gaps[5] > 250, string.Join(", ", gaps));
    }

    [Fact]
    public async Task Chat_WhatIsReceived_IsCountedWithItsLatency()
    {
        var outcome = await StressOutcome.RunAsync(
            $"--url={_server.Url}", "--connections=21", "--batch=1", "--delay=0", "--duration=0.3", "--json");

        // 0, 10 and 20 are in one room, one after the other: 1 + 2 + 3.
        var report = outcome.GoodReport();
        Assert.Equal((3L, 6L), (report.Sent, report.Received));
        Assert.True(report.LatencyMs.Max > 0);
        Assert.Equal(((long?)null, (long?)null, (long?)null), (report.Lost, report.Duplicated, report.Reordered));
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
