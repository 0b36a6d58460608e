using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.CommandLine;

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

    /// <summary>Tests arguments that .NET cannot parse. Its error message contains the whole argument, including the value.</summary>
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
        LogLines.AssertNone(output, line => line.Contains("secret", StringComparison.Ordinal));
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
