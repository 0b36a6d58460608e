using Direct.Testing.Processes;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests the tool with a real node.</summary>
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

    private Task<StressOutcome> RunAsync(params string[] options) => StressOutcome.RunAsync(
        [$"--url=ws://127.0.0.1:{Node.Port}/!direct", $"--server-pid={Node.Pid}", "--warmup=0.2", "--duration=0.6", "--json", .. options]);
}
