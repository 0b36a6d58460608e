using Direct.Node.Tests.Nodes;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.CommandLine;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task Start_WithPortAndEnvTest_ListensThereAndGivesTestIds()
    {
        // Uses exactly the two arguments of the original Direct. The default address limits the node to loopback.
        var port = FreePort.Take();
        await using var node = await NodeProcess.StartAsync($"port={port}", "env=test");

        await using var client = await ProtocolClient.ConnectWithTokenAsync(port);

        Assert.Equal(1, (await node.SignalAsync("0,0,1", "hello")).Delivered);
    }

    [Fact]
    public async Task Setting_BySettingsFile_IsInForce()
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", """{ "Direct": { "Connections": { "MaxMessageBytes": 22 } } }""");

        await AssertLimitAsync(22, new NodeOptions { WorkingDirectory = folder.Path });
    }

    [Fact]
    public async Task Setting_InSeveralPlaces_IsTakenFromArgumentsThenEnvironmentThenFile()
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", """{ "Direct": { "Connections": { "MaxMessageBytes": 30, "QueueBytes": 1 } } }""");
        var options = new NodeOptions
        {
            WorkingDirectory = folder.Path,
            Environment = new Dictionary<string, string>
            {
                ["Direct__Connections__MaxMessageBytes"] = "31",
                ["Direct__Connections__QueueBytes"] = "300000",
            },
            Arguments = ["Direct:Connections:MaxMessageBytes=32"],
        };

        await AssertLimitAsync(32, options);
    }

    [Fact]
    public async Task FormerName_TogetherWithTheNewOneElsewhere_IsRefusedNamingBoth()
    {
        var options = new NodeOptions
        {
            Environment = new Dictionary<string, string> { ["Direct__Signals__PlaceTimeout"] = "00:00:07" },
            Arguments = ["Direct:Signals:PublishTimeout=00:00:08"],
        };
        await using var node = NodeProcess.Launch(options);

        Assert.Equal(1, await node.WaitForExitAsync());

        Assert.Contains(node.Output, line =>
            line.Contains("Direct:Signals:PlaceTimeout and Direct:Signals:PublishTimeout are both set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UnknownKey_ByEnvironment_IsRefusedByName()
    {
        var options = new NodeOptions { Environment = new Dictionary<string, string> { ["Direct__Connections__Mistyped"] = "1" } };
        await using var node = NodeProcess.Launch(options);

        Assert.Equal(1, await node.WaitForExitAsync());

        Assert.Contains(node.Output, line => line.Contains("Direct:Connections:Mistyped is set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WithNothingUnknown_WarnsOfNothing()
    {
        await using var node = await NodeProcess.StartAsync(
            "Direct:Connections:MaxMessageBytes=600",
            "Direct:Limits:MaxConnections=100",
            "Direct:Connections:AllowedOrigins:0=https://good.example",
            "Direct:Identity:TrustedProxies:0=10.0.0.0/8",
            "Direct:Registry:LeaseDuration=00:00:30",
            "Logging:LogLevel:Default=Information");

        LogLines.AssertNone(node.Output, line => line.Contains("warn", StringComparison.OrdinalIgnoreCase) && !LogLines.IsSlowness(line));
    }

    private static async Task AssertLimitAsync(int maxMessageBytes, NodeOptions options)
    {
        await using var node = await NodeProcess.StartAsync(options);
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port, "t");

        await client.BroadcastAsync(new string('x', maxMessageBytes - 1));
        Assert.Equal(maxMessageBytes - 1, (await client.ReceiveTextAsync()).Length);
        await client.BroadcastAsync(new string('x', maxMessageBytes));

        Assert.Equal(1009, (await client.ReceiveCloseFrameAsync()).Code);
    }
}
