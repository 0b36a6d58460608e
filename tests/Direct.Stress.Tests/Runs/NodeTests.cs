using Direct.Testing.Processes;

namespace Direct.Stress.Tests.Runs;

/// <summary>The tool and the real node.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private NodeProcess? _node;

    private NodeProcess Node => _node!;

    public async ValueTask InitializeAsync() => _node = await NodeProcess.StartAsync();

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    [Theory]
    [InlineData("--scenario=room", "--connections=60", "--rooms=6", "--senders=12", "--window=4")]
    [InlineData("--scenario=room", "--connections=60", "--rate=200", "--senders=3", "--payload=400")]
    [InlineData("--scenario=signal", "--callers=4")]
    [InlineData("--scenario=signal", "--callers=4", "--part=0,1,0", "--expect=20", "--connections=20", "--rooms=5", "--payload=4000")]
    public async Task Traffic_OfTheNode_ArrivesWholeAndInOrder(params string[] options)
    {
        var report = (await RunAsync(options)).GoodReport();

        Assert.True(report.Sent > 10, $"{report.Sent} sent");
        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.True(report.Server!.CpuSeconds >= 0 && report.Server.RssKbConnected > 10_000);
    }

    [Fact]
    public async Task Chat_OfTheNode_HearsItsOwn()
    {
        var report = (await RunAsync("--connections=40", "--delay=1")).GoodReport();

        Assert.Equal(40, report.Connections.Succeeded);
        Assert.InRange(report.Received, 4, 16); // four broadcast as soon as they join: each receives its own, and may receive those of the other three
    }

    [Fact]
    public async Task Connect_ToTheNode_LeavesNothingBehind()
    {
        var report = (await RunAsync("--scenario=connect", "--batch=8")).GoodReport();

        Assert.True(report.Connections.Succeeded > 8);
        Assert.Equal(0, (await Node.SignalAsync("0,0,0", "anyone")).Delivered);
    }

    [Fact]
    public async Task Run_WhenTheNodeGoesDown_SaysHowConnectionsEnded()
    {
        var running = StressOutcome.RunAsync(
            "--scenario=idle", $"--url=ws://127.0.0.1:{Node.Port}/!direct", "--connections=20", "--duration=3", "--json");
        await Direct.Testing.Time.Deadline.UntilAsync(
            "20 connections", async () => (await Node.SignalAsync("0,0,0", "count")).Delivered == 20);

        await Node.TerminateAsync();

        var outcome = await running;
        Assert.Equal((1, 20L), (outcome.ExitCode, outcome.Report.Connections.Ended));
        Assert.Contains(
            outcome.Report.Errors,
            static error => error.Error.StartsWith("closed by the server: 4001", StringComparison.Ordinal) && error.Count == 20);
    }

    private Task<StressOutcome> RunAsync(params string[] options) => StressOutcome.RunAsync(
        [$"--url=ws://127.0.0.1:{Node.Port}/!direct", $"--server-pid={Node.Pid}", "--warmup=0.2", "--duration=0.6", "--json", .. options]);
}
