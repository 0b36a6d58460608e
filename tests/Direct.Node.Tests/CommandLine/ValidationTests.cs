using Direct.Node.Tests.Coverage;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.CommandLine;

[ProtocolRow("Command line: validated")]
public sealed class ValidationTests
{
    [Fact]
    public async Task Start_WithSeveralFaults_NamesThemAllAtOnce()
    {
        string[] faults =
        [
            "Direct:Connections:MaxMessageBytes=-1",
            "Direct:Connections:ReadTimeout=00:00:10",
            "Direct:Limits:HandshakeTimeout=-00:00:01",
            "Direct:Signals:MaxBatch=0",
            "Direct:Drain:ClosesPerSecond=0",
            "Direct:Topics:MaxWaitingBytes=much",
        ];
        string[] arguments = [.. faults, "Direct:Identity:TrustedProxies:0=10.0.0.0/99"];
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = arguments });

        var exitCode = await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.NotEqual(0, exitCode);
        Assert.All(faults, fault => Assert.Contains(fault.Split('=')[0], output, StringComparison.Ordinal));
        Assert.Contains("Direct:Identity:TrustedProxies", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAValueThatCannotBeReadAndOneOutOfRangeInTheSameSection_NamesBoth()
    {
        string[] faults = ["Direct:Connections:UnjoinedBroadcast=somebody", "Direct:Connections:MaxMessageBytes=-1"];
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = faults });

        await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.All(faults, fault => Assert.Contains(fault.Split('=')[0], output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("port=99999", "Port")]
    [InlineData("port=-1", "Port")]
    [InlineData("port=http", "Port")]
    [InlineData("Direct:Connections:MaxMessageBytes=0", "Direct:Connections:MaxMessageBytes")]
    [InlineData("Direct:Connections:MaxMessageBytes=lots", "Direct:Connections:MaxMessageBytes")]
    [InlineData("Direct:Connections:QueueBytes=1000", "Direct:Connections:QueueBytes")]
    [InlineData("Direct:Connections:QueueBytes=100000", "Direct:Connections:QueueBytes")]
    [InlineData("Direct:Connections:PingInterval=soon", "Direct:Connections:PingInterval")]
    [InlineData("Direct:Connections:PingInterval=00:00:00", "Direct:Connections:PingInterval")]
    [InlineData("Direct:Connections:PingInterval=00:02:00", "PingInterval")]
    [InlineData("Direct:Connections:TokenTimeout=-00:00:01", "Direct:Connections:TokenTimeout")]
    [InlineData("Direct:Limits:MaxConnections=-5", "Direct:Limits:MaxConnections")]
    [InlineData("Direct:Signals:MaxMessageBytes=0", "Direct:Signals:MaxMessageBytes")]
    [InlineData("Direct:Endpoints:Address=localhosst", "Direct:Endpoints:Address")]
    [InlineData("Direct:Identity:TrustedProxies:0=everyone", "Direct:Identity:TrustedProxies")]
    [InlineData("sessions=some", "Direct:Sessions:Mode")]
    [InlineData("transport=foo", "Direct:Endpoints:Transport is 'foo'")]
    [InlineData("transport=3", "Direct:Endpoints:Transport is '3'")]
    [InlineData("Direct:Endpoints:Transport=epoll", "Direct:Endpoints:Transport is 'epoll'")]
    [InlineData("Direct:Endpoints:Loops=-1", "Direct:Endpoints:Loops is -1")]
    [InlineData("Direct:Endpoints:Loops=257", "Direct:Endpoints:Loops is 257")]
    [InlineData("Direct:Registry:LeaseDuration=soon", "Direct:Registry:LeaseDuration is 'soon'")]
    [InlineData("Direct:Registry:LeaseDuration=00:00:10", "Direct:Cluster:FenceAfter is 00:00:15; it must be at least 00:00:01 shorter")]
    [InlineData("Direct:Memory:Budget=1", "there are BudgetBytes, QueueBytes.")]
    [InlineData("Direct:Memory:BudgetBytes=-1", "Direct:Memory:BudgetBytes is -1")]
    [InlineData("Direct:Cluster:ClusterId= ", "Direct:Cluster:ClusterId is ' '")]
    [InlineData("Direct:Connections:MaxMesageBytes=600", "Direct:Connections:MaxMesageBytes is set")]
    [InlineData("prot=8085", "Argument 'prot=…' is unknown")]
    [InlineData("8085", "Argument '8085' is unknown")]
    public async Task Start_WithAFault_IsRefusedNamingTheKeyAndTheValue(string argument, string key)
    {
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = [argument] });

        var exitCode = await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(key, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at Direct.", output, StringComparison.Ordinal);
    }

    /// <summary>.NET repeats an argument that it does not understand, with its value.</summary>
    [Theory]
    [InlineData("-Direct:Cluster:ConnectionString=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("cluster=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("sessions=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("port=Server=db;User ID=u;Password=secret;Database=d")]
    public async Task Start_WithAConnectionStringInTheWrongPlace_IsRefusedAndShowsNoPassword(string argument)
    {
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = [argument] });

        var exitCode = await node.WaitForExitAsync();

        var output = string.Join('\n', node.Output);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("cannot start", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithATransportThatIsNone_SaysWhichThereAre()
    {
        await using var node = NodeProcess.Launch(new NodeOptions { Arguments = ["transport=foo"] });

        await node.WaitForExitAsync();

        var line = Assert.Single(node.Output, line => line.Contains("Direct:Endpoints:Transport", StringComparison.Ordinal));
        Assert.All((string[])["auto", "kestrel", "direct"], kind => Assert.Contains(kind, line, StringComparison.OrdinalIgnoreCase));
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
}
