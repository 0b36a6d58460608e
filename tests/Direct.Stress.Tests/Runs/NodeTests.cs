using Direct.Testing.Processes;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests the tool with a real node.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private static readonly string[] Reconnecting = ["--protocol=direct.2", "--connections=40", "--reconnect-rate=60", "--away=0.02"];

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

    [Theory]
    [InlineData("--scenario=room", "--rate=300", "--senders=3", "--rooms=3")]
    [InlineData("--scenario=room", "--rate=300", "--senders=4", "--rooms=4", "--rooms-per-connection=3")]
    [InlineData("--scenario=signal", "--callers=4", "--rate=300", "--part=0,1,0", "--rooms=3")]
    [InlineData("--scenario=signal", "--callers=40", "--rate=300")]
    public async Task Resumes_OfASingleNode_GetEverythingOnceWithoutAGap(params string[] options)
    {
        await using var node = await NodeProcess.StartAsync("cluster=none", "Direct:Connections:Direct2=true");

        var report = (await RunAsync(node, [.. Reconnecting, .. options])).GoodReport();

        Assert.Equal((0L, 0L, 0L, 0L), (report.Lost, report.Duplicated, report.Direct2!.Gaps, report.Direct2.Unaccepted));
        Assert.True(report.Direct2 is { Resumes: > 5, Replayed: > 0 } && report.Sent > 10, $"{report}");
    }

    /// <summary>Whether a node of a cluster keeps messages is not tested here: each return is a resume or a gap.</summary>
    [Theory]
    [InlineData("--scenario=room", "--rate=300", "--senders=3", "--rooms=3", "--rooms-per-connection=2")]
    [InlineData("--scenario=signal", "--callers=40", "--rate=300")]
    public async Task Resumes_OfANodeOfACluster_GetEverythingOnceOrAGap(params string[] options)
    {
        await using var node = await NodeProcess.StartAsync("Direct:Connections:Direct2=true");

        var report = (await RunAsync(node, [.. Reconnecting, .. options])).GoodReport();

        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Direct2!.Unaccepted));
        Assert.True(report.Direct2.Resumes > 5 && (report.Direct2.Replayed > 0 || report.Direct2.Gaps > 0), $"{report}");
    }

    private Task<StressOutcome> RunAsync(params string[] options) => RunAsync(Node, options);

    private static Task<StressOutcome> RunAsync(NodeProcess node, params string[] options) => StressOutcome.RunAsync(
        [$"--url=ws://127.0.0.1:{node.Port}/!direct", $"--server-pid={node.Pid}", "--warmup=0.2", "--duration=0.6", "--json", .. options]);
}
