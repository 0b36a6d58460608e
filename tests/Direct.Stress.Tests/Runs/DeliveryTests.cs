using Direct.Stress.Reports;
using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests that the tool counts exactly the messages that a server drops, duplicates and reorders, with both kinds of sockets.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public static TheoryData<bool> Engines => [false, true];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Room_AGoodServer_EverythingArrivesOnceAndInOrder(bool isPortable)
    {
        var report = await RunAsync(isPortable, "--rooms=3", "--senders=6");

        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.True(report.Sent > 6, $"{report.Sent} sent");
        Assert.Equal(report.Sent * 4, report.Received); // 12 connections in 3 rooms
        Assert.True(
            report.LatencyMs.P50 > 0 && report.LatencyMs.P50 <= report.LatencyMs.P99 && report.LatencyMs.P99 <= report.LatencyMs.Max);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Room_AServerThatDrops_ItIsCounted(bool isPortable)
    {
        _server.Faults = static (message, receiver) => message == 3 && receiver < 5 ? Fault.Drop : Fault.None;

        var report = await RunAsync(isPortable, "--window=8");

        Assert.Equal((5L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.Equal((report.Sent * 12) - 5, report.Received);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Room_AServerThatDoubles_ItIsCounted(bool isPortable)
    {
        _server.Faults = static (message, receiver) => message is 2 or 4 && receiver == 7 ? Fault.Double : Fault.None;

        var report = await RunAsync(isPortable, "--window=8");

        Assert.Equal((0L, 2L, 0L), (report.Lost, report.Duplicated, report.Reordered));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Room_AServerThatSwaps_ItIsCounted(bool isPortable)
    {
        _server.Faults = static (message, receiver) => message is 2 or 5 && receiver < 3 ? Fault.Swap : Fault.None;

        var report = await RunAsync(isPortable, "--window=8");

        Assert.Equal((0L, 0L, 6L), (report.Lost, report.Duplicated, report.Reordered));
    }

    [Fact]
    public async Task Room_ASteadyRate_SendsThatMany()
    {
        var report = await RunAsync(false, "--rate=200", "--senders=3", "--payload=300");

        Assert.InRange(report.Sent, 20, 100); // half a second of messages; a busy machine ends the run late
        Assert.Equal((0L, report.Sent * 12), (report.Lost, report.Received));
    }

    [Fact]
    public async Task Room_AMessageThatNeverArrives_DoesNotEndTheSending()
    {
        _server.Faults = static (message, receiver) => message == 1 && receiver == 0 ? Fault.Drop : Fault.None;

        var outcome = await StressOutcome.RunAsync(
            "--scenario=room", $"--url={_server.Url}", "--connections=3", "--warmup=0", "--duration=6", "--json");

        Assert.True(outcome.Report.Sent > 1, $"{outcome}");
        Assert.Equal(1, outcome.Report.Lost);
        Assert.Contains(outcome.Report.Errors, static error => error.Error.StartsWith("no message of a sender", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Room_AMemberThatIsClosed_IsAnErrorAndTheOthersGoOn()
    {
        _server.Closes = static (connection, text) => connection == 4 && text.Contains('~') ? 4002 : null;

        var outcome = await StressOutcome.RunAsync(
            "--scenario=room", $"--url={_server.Url}", "--connections=6", "--senders=6", "--warmup=0", "--duration=0.5", "--json");

        var report = outcome.Report;
        Assert.Equal((1, 1L, 0L), (outcome.ExitCode, report.Connections.Ended, report.Connections.Failed));
        Assert.Equal([new StressReport.ErrorCount("closed by the server: 4002 enough", 1)], report.Errors);
        Assert.True(report.Sent > 12, $"{report.Sent} sent");
    }

    [Theory]
    [InlineData("--callers=5")]
    [InlineData("--callers=5", "--rate=300")]
    [InlineData("--callers=5", "--part=1,1,0", "--expect=7", "--connections=7")]
    public async Task Signal_AGoodServer_EverySignalReachesThoseItIsFor(params string[] options)
    {
        var outcome = await StressOutcome.RunAsync(
            ["--scenario=signal", $"--url={_server.Url}", "--warmup=0.1", "--duration=0.4", "--json", .. options]);

        var report = outcome.GoodReport();
        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.True(report.Sent > 10, $"{report.Sent} sent");
        Assert.Equal(report.Sent * (options.Length == 4 ? 7 : 1), report.Received);
        Assert.True(report.AnswerMs!.P50 > 0);
    }

    [Fact]
    public async Task Signal_AServerThatRefuses_IsAnErrorAndNothingIsLost()
    {
        _server.SignalStatus = 503;

        var outcome = await StressOutcome.RunAsync(
            "--scenario=signal", $"--url={_server.Url}", "--callers=2", "--warmup=0", "--duration=0.2", "--json");

        Assert.Equal((0L, 0L), (outcome.Report.Sent, outcome.Report.Lost));
        Assert.Equal("signal: HTTP 503", outcome.Report.Errors.Single().Error);
    }

    [Fact]
    public async Task Signal_SeveralSignalUrls_TheCallersAreDealtOutToThem()
    {
        await using var other = new FaultyServer { SignalStatus = 503 };

        // Caller 0 calls the server that refuses, caller 1 the one with all connections, and so on.
        var outcome = await StressOutcome.RunAsync(
            "--scenario=signal", $"--url={_server.Url}", $"--signal-url={SignalUrlOf(other)}", $"--signal-url={SignalUrlOf(_server)}",
            "--callers=4", "--connections=6", "--rate=400", "--warmup=0", "--duration=0.3", "--json");

        var (report, refused) = (outcome.Report, outcome.Report.Errors.Single());
        Assert.Equal("signal: HTTP 503", refused.Error);
        Assert.True(refused.Count > 5 && report.Sent > 5, $"{refused.Count} refused, {report.Sent} sent");
        Assert.Equal((0L, report.Sent), (report.Lost, report.Received));

        static string SignalUrlOf(FaultyServer server) => $"http://{new Uri(server.Url).Authority}/!direct-signal";
    }

    private async Task<StressReport> RunAsync(bool isPortable, params string[] options)
    {
        string[] engine = isPortable ? ["--portable"] : [];
        var outcome = await StressOutcome.RunAsync(
        [
            "--scenario=room", $"--url={_server.Url}", "--connections=12", "--warmup=0", "--duration=0.5", "--json", .. engine, .. options,
        ]);
        return outcome.GoodReport();
    }
}
