using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Deploy.Tests.Images;

/// <summary>Runs the content of the images with the restrictions of a container, but without one.</summary>
[Collection(PublishedPrograms.OneAtATime)]
public sealed class PublishedImageTests(PublishedPrograms programs)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Gateway_ThatMayWriteNothing_ServesAndEndsWell()
    {
        var management = FreePort.Take();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Command = await programs.CommandAsync("gateway"),
            Arguments = [$"Direct:Endpoints:ManagementPort={management}"],
            ReadyUri = new Uri($"http://127.0.0.1:{management}/readyz"),
        });
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await browser.JoinAsync(7, 1);
        await browser.SyncAsync();

        using var http = new HttpClient();
        var delivered = await http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/!direct-signal?part=7,1,0&message=hello"), TestContext.Current.CancellationToken);

        Assert.Contains("\"delivered\":1", delivered, StringComparison.Ordinal);
        Assert.Equal("hello", await browser.ReceiveTextAsync());
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/metrics"), TestContext.Current.CancellationToken);
        Assert.Matches("(?m)^direct_gateway_connections_active({.*})? 1\\b", metrics); // the metric that the autoscaler uses
        await AssertConfinedAsync(node);
        await node.TerminateAsync();
        Assert.Equal(0, await node.WaitForExitAsync(Patience));
        AssertQuiet(node);
    }

    [Fact]
    public async Task Silo_ThatMayWriteNothing_JoinsAndEndsWell()
    {
        await using var silo = NodeProcess.Launch(new NodeOptions
        {
            AssemblyName = "Direct.Silo",
            Command = await programs.CommandAsync("silo"),
            Arguments = ["port=", "env=", "Direct:Endpoints:Address=", $"Direct:Silo:SiloPort={FreePort.Take()}", $"Direct:Silo:GatewayPort={FreePort.Take()}"],
        });
        await silo.WaitForOutputAsync("is ready in cluster", timeout: Patience);
        await AssertConfinedAsync(silo);

        await silo.TerminateAsync();

        Assert.Equal(0, await silo.WaitForExitAsync(Patience));
        AssertQuiet(silo);
    }

    private static async Task AssertConfinedAsync(NodeProcess process)
    {
        var status = (await File.ReadAllLinesAsync($"/proc/{process.Pid}/status")).Select(line => line.Split('\t', 2)).ToDictionary(line => line[0], line => line[^1]);

        Assert.DoesNotContain("0", status["Uid:"].Split('\t'));
        Assert.Equal(0UL, Convert.ToUInt64(status["CapEff:"], 16));
        Assert.DoesNotContain("HOME=", await File.ReadAllTextAsync($"/proc/{process.Pid}/environ"), StringComparison.Ordinal);
    }

    // An unexpected port or a file that could not be written would cause a warning. Orleans also warns when the machine is slow, so its warnings are ignored.
    private static void AssertQuiet(NodeProcess process)
    {
        string[] unwanted = ["warn: Direct.", "warn: Microsoft.", "warn: System.", "fail: ", "crit: ", "denied", "Read-only"];
        var written = string.Join('\n', process.Output);
        Assert.All(unwanted, word => Assert.DoesNotContain(word, written, StringComparison.Ordinal));
    }
}
