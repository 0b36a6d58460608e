using Direct.Node.Tests.Coverage;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.CommandLine;

[ProtocolRow("Command line: validated")]
public sealed class ValidationTests
{
    private const string ConnectionString = "Server=db;User ID=u;Password=secret;Database=d";

    [Fact]
    public async Task Start_WithSeveralErrors_NamesThemAllAtOnce()
    {
        string[] errors =
        [
            "Direct:Connections:MaxMessageBytes=-1",
            "Direct:Connections:ReadTimeout=00:00:10",
            "Direct:Limits:HandshakeTimeout=-00:00:01",
            "Direct:Signals:MaxBatch=0",
            "Direct:Drain:ClosesPerSecond=0",
            "Direct:Topics:MaxWaitingBytes=much",
        ];
        string[] arguments = [.. errors, "Direct:Identity:TrustedProxies:0=10.0.0.0/99"];
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = arguments });

        var exitCode = await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.NotEqual(0, exitCode);
        Assert.All(errors, error => Assert.Contains(error.Split('=')[0], output, StringComparison.Ordinal));
        Assert.Contains("Direct:Identity:TrustedProxies", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAValueThatCannotBeReadAndOneOutOfRangeInTheSameSection_NamesBoth()
    {
        string[] errors = ["Direct:Connections:UnjoinedBroadcast=somebody", "Direct:Connections:MaxMessageBytes=-1"];
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = errors });

        await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.All(errors, error => Assert.Contains(error.Split('=')[0], output, StringComparison.Ordinal));
    }

    // Each error follows its argument. Those of one row are found at once; how settings relate is checked if all can be read.
    [Theory]
    [InlineData(
        "port=99999", "Direct:Endpoints:Port is 99999",
        "Direct:Connections:MaxMessageBytes=0", "Direct:Connections:MaxMessageBytes is 0",
        "Direct:Connections:PingInterval=soon", "Direct:Connections:PingInterval is 'soon'",
        "Direct:Connections:TokenTimeout=-00:00:01", "Direct:Connections:TokenTimeout is -00:00:01",
        "Direct:Limits:MaxConnections=-5", "Direct:Limits:MaxConnections is -5",
        "Direct:Signals:MaxMessageBytes=0", "Direct:Signals:MaxMessageBytes is 0",
        "Direct:Identity:TrustedProxies:0=everyone", "Direct:Identity:TrustedProxies holds 'everyone'",
        "sessions=some", "Direct:Sessions:Mode (sessions=) is 'some'",
        "transport=foo", "Direct:Endpoints:Transport is 'foo'; it must be one of auto, kestrel, direct",
        "Direct:Endpoints:Loops=-1", "Direct:Endpoints:Loops is -1",
        "Direct:Registry:LeaseDuration=soon", "Direct:Registry:LeaseDuration is 'soon'",
        "Direct:Memory:Budget=1", "there are BudgetBytes, QueueBytes.",
        "Direct:Memory:BudgetBytes=-1", "Direct:Memory:BudgetBytes is -1",
        "Direct:Cluster:ClusterId= ", "Direct:Cluster:ClusterId is ' '",
        "Direct:Connections:MaxMesageBytes=600", "Direct:Connections:MaxMesageBytes is set",
        "prot=8085", "Argument 'prot=…' is unknown",
        "8085", "Argument '8085' is unknown")]
    [InlineData(
        "port=-1", "Direct:Endpoints:Port is -1",
        "transport=3", "Direct:Endpoints:Transport is '3'",
        "Direct:Endpoints:Loops=257", "Direct:Endpoints:Loops is 257",
        "Direct:Connections:MaxMessageBytes=lots", "Direct:Connections:MaxMessageBytes is 'lots'",
        "Direct:Connections:PingInterval=00:00:00", "Direct:Connections:PingInterval is 00:00:00",
        "Direct:Registry:LeaseDuration=00:00:10", "Direct:Cluster:FenceAfter is 00:00:15; it must be at least 00:00:01 shorter")]
    [InlineData(
        "port=http", "Direct:Endpoints:Port is 'http'",
        "Direct:Endpoints:Transport=epoll", "Direct:Endpoints:Transport is 'epoll'",
        "Direct:Connections:PingInterval=00:02:00", "it must be longer than PingInterval (00:02:00)",
        "Direct:Connections:QueueBytes=1000", "Direct:Connections:QueueBytes is 1000; it must be at least twice the largest message")]
    [InlineData(
        "Direct:Endpoints:Address=localhosst", "Direct:Endpoints:Address is 'localhosst'",
        "Direct:Connections:QueueBytes=100000", "Direct:Connections:QueueBytes is 100000; it must be at least twice the largest message")]
    public async Task Start_WithErrors_IsRefusedNamingEachKeyAndValue(params string[] errors)
    {
        var output = await RefusalAsync([.. errors.Where((_, i) => i % 2 == 0)]);

        Assert.All(errors.Where((_, i) => i % 2 == 1), error => Assert.Contains(output, line => line.Contains(error, StringComparison.Ordinal)));
        Assert.DoesNotContain(output, line => line.Contains("   at Direct.", StringComparison.Ordinal));
    }

    /// <summary>.NET repeats an argument that it does not understand, with its value.</summary>
    [Theory]
    [InlineData($"-Direct:Cluster:ConnectionString={ConnectionString}", "cannot start")]
    [InlineData(
        $"cluster={ConnectionString}", "Direct:Cluster:Provider (cluster=) is '…'",
        $"sessions={ConnectionString}", "Direct:Sessions:Mode (sessions=) is '…'",
        $"port={ConnectionString}", "Direct:Endpoints:Port is '…'")]
    public async Task Start_WithAConnectionStringInTheWrongPlace_IsRefusedAndShowsNoPassword(params string[] errors)
    {
        var output = await RefusalAsync([.. errors.Where((_, i) => i % 2 == 0)]);

        Assert.All(errors.Where((_, i) => i % 2 == 1), error => Assert.Contains(output, line => line.Contains(error, StringComparison.Ordinal)));
        Assert.DoesNotContain(output, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_OnAPortInUse_IsRefusedNamingIt()
    {
        await using var first = await NodeProcess.StartAsync();
        await using var second = NodeProcess.Launch(new NodeOptions { Arguments = [$"port={first.Port}"] });

        var exitCode = await second.WaitForExitAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains(second.Output, line => line.Contains($"{first.Port}", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> RefusalAsync(string[] arguments)
    {
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = arguments });
        Assert.Equal(1, await node.WaitForExitAsync());
        return node.Output;
    }
}
