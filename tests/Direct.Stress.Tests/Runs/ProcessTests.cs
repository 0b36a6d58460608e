using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests runs that several processes share: their common report equals that of one process.</summary>
public sealed class ProcessTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Room_OfThreeProcesses_CountsEveryDeliveryAndEveryFault()
    {
        _server.Faults = static (message, _) => message == 2 ? Fault.Drop : message == 3 ? Fault.Double : Fault.None;

        // All connections are in one room with one sender: message 2 is lost for all ten, message 3 arrives twice.
        var outcome = await StressOutcome.RunAsync(
            "--scenario=room", $"--url={_server.Url}", "--connections=10", "--processes=3", "--rate=100", "--warmup=0",
            "--duration=0.5", "--json");

        var report = outcome.GoodReport();
        Assert.Equal((10L, 10L, 3), (report.Connections.Requested, report.Connections.Succeeded, report.Loader.Processes));
        Assert.Equal((10L, 10L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.Equal(report.Sent * 10, report.Received);
        Assert.True(report.Loader.CpuSeconds > 0);
        Assert.True(report.LatencyMs.P50 is > 0 and < 10_000, $"one clock for all processes: {report.LatencyMs}");
    }
}
