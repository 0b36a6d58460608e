using Direct.Silo.Tests.Silos;
using Direct.Testing.Metrics;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Hosting;

/// <summary>
/// Regression test: standard output is a pipe that is not read. When the queue of the console logger was full, everything that logged was blocked:
/// joins at Information, every connection at Debug.
/// </summary>
public sealed class UnreadLogTests(SharedDatabase shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Logging:LogLevel:Polly=Information")] // logs several lines for each topic
    [InlineData("Logging:LogLevel:Default=Debug", "Logging:LogLevel:Polly=Debug", "Logging:LogLevel:Orleans=Debug")]
    public async Task Gateway_WhoseLogNobodyReads_ServesAndSaysLaterWhatWasDropped(params string[] levels)
    {
        await using var gateway = await NodeProcess.StartAsync(new NodeOptions { LeavesOutputUnread = true, Arguments = levels });

        await ServeUntilSomethingIsDroppedAsync(gateway, new Uri(gateway.BaseUri, "/metrics"));
        gateway.ReadOutput();

        Assert.Matches("[1-9][0-9]* messages of the log were dropped", await gateway.WaitForOutputAsync("were dropped", timeout: Patience));
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
    }

    [Theory]
    [InlineData("Logging:LogLevel:Polly=Information")]
    [InlineData("Logging:LogLevel:Default=Debug", "Logging:LogLevel:Polly=Debug", "Logging:LogLevel:Orleans=Debug")]
    public async Task Silo_WhoseLogIsNeverRead_ServesDrainsAndEnds(params string[] levels)
    {
        var database = await shared.NewWithSchemaAsync();
        var management = FreePort.Take();
        await using var silo = NodeProcess.Launch(new NodeOptions
        {
            AssemblyName = "Direct.Silo",
            LeavesOutputUnread = true,
            ReadyUri = new Uri($"http://127.0.0.1:{management}/readyz"),
            Arguments =
            [
                "port=", "env=", "Direct:Endpoints:Address=", .. TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", "Direct:Registry:ColdStartDelay=00:00:00",
                $"Direct:Silo:ManagementPort={management}", .. database.Arguments, .. levels,
            ],
        });
        await silo.WaitReadyAsync();
        await using var gateway = TestGateway.Launch(database.Arguments);
        await gateway.WaitReadyAsync();

        await ServeUntilSomethingIsDroppedAsync(gateway, new Uri($"http://127.0.0.1:{management}/metrics"));

        await silo.TerminateAsync();
        Assert.Equal(0, await silo.WaitForExitAsync(Patience));
    }

    // Each join is a separate topic, and a signal to it must arrive.
    private static async Task ServeUntilSomethingIsDroppedAsync(NodeProcess gateway, Uri metrics)
    {
        await using var client = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        for (var room = 1; !await HasDroppedAsync(gateway, metrics); room++)
        {
            Assert.True(room < 100, "nothing was dropped");
            for (var channel = 1; channel <= 100; channel++)
            {
                await client.JoinAsync(room, channel);
            }

            Assert.Equal(1, (await gateway.SignalAsync($"{room},100,0", "hello")).Delivered);
            Assert.Equal("hello", await client.ReceiveTextAsync());
        }
    }

    private static async Task<bool> HasDroppedAsync(NodeProcess gateway, Uri metrics) =>
        (await Exposition.ReadAsync(gateway.Http, metrics, TestContext.Current.CancellationToken)).Sum("direct_logs_dropped_total") > 0;
}
