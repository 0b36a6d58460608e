using System.Text.Json;
using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

public sealed class ReportTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Json_OfAnyRun_HasTheShapeThatIsDocumented()
    {
        var outcome = await RunAsync($"--server-pid={Environment.ProcessId}", "--max-lost=0");

        using var json = JsonDocument.Parse(outcome.Output); // the output is exactly one object
        Assert.Equal(
            [
                "scenario", "seconds", "connections", "connectMs", "sent", "received", "lost", "duplicated", "reordered",
                "messagesPerSecond", "deliveriesPerSecond", "latencyMs", "answerMs", "errors", "loader", "server", "thresholds", "stopped",
            ],
            Names(json.RootElement));
        Assert.Equal(["requested", "succeeded", "failed", "successPercent", "ended"], Names(json.RootElement.GetProperty("connections")));
        Assert.Equal(["average", "min", "max", "p95"], Names(json.RootElement.GetProperty("connectMs")));
        Assert.Equal(["p50", "p90", "p99", "p999", "max"], Names(json.RootElement.GetProperty("latencyMs")));
        Assert.Equal(["cpuSeconds", "cpuPercent", "processes"], Names(json.RootElement.GetProperty("loader")));
        Assert.Equal(
            [
                "cpuSeconds", "cpuPercent", "cpuUsPerDelivery", "cpuUsPerConnection", "cpuUsPerSignal", "rssKbBefore", "rssKbConnected",
                "rssKbEnd",
            ],
            Names(json.RootElement.GetProperty("server")));
        Assert.Equal(["name", "limit", "value", "passed"], Names(json.RootElement.GetProperty("thresholds")[1]));
        Assert.Equal("room", json.RootElement.GetProperty("scenario").GetString());
        Assert.True(json.RootElement.GetProperty("server").GetProperty("rssKbConnected").GetInt64() > 0);
    }

    [Theory]
    [InlineData("--max-lost=2", 0)]
    [InlineData("--max-lost=1", 1)]
    [InlineData("--max-duplicated=0", 1)]
    [InlineData("--max-reordered=0", 1)]
    [InlineData("--max-p99=0", 1)]
    [InlineData("--min-rate=1000000000", 1)]
    [InlineData("--max-connect-p95=0", 1)]
    public async Task ExitCode_OfAThreshold_IsOneWhenItIsMissed(string threshold, int expected)
    {
        _server.Faults = static (message, receiver) => (message, receiver) switch
        {
            (2, < 2) => Fault.Drop,
            (4, 0) => Fault.Double,
            (5, 1) => Fault.Swap,
            _ => Fault.None,
        };

        var outcome = await RunAsync(threshold);

        Assert.Equal(expected, outcome.ExitCode);
        Assert.Equal(expected == 1, outcome.Error.Contains($"MISSED {threshold}: it was ", StringComparison.Ordinal));
        Assert.Equal(
            expected == 0,
            outcome.Report.Thresholds.Single(result => threshold.StartsWith($"--{result.Name}=", StringComparison.Ordinal)).Passed);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task ExitCode_OfAFailedConnection_IsOneUnlessItMayFail(int mayFail, int expected)
    {
        _server.Refuses = static number => number == 0;

        var outcome = await RunAsync(mayFail == 0 ? "--max-lost=1000000" : $"--max-failed={mayFail}");

        Assert.Equal(expected, outcome.ExitCode);
    }

    [Fact]
    public async Task Arguments_ThatAreWrong_ExitWithTwoAndNothingOnStandardOutput()
    {
        var outcome = await StressOutcome.RunAsync("--connections=none", "--json");

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("--connections=none: a whole number from 1 to 1000000 expected", outcome.Error, StringComparison.Ordinal);
    }

    private Task<StressOutcome> RunAsync(params string[] options) => StressOutcome.RunAsync(
        ["--scenario=room", $"--url={_server.Url}", "--connections=5", "--rate=100", "--warmup=0", "--duration=0.3", "--json", .. options]);

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(static property => property.Name);
}
