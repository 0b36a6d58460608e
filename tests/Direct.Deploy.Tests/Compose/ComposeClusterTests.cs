using Direct.Deploy.Tests.Images;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Deploy.Tests.Compose;

/// <summary>
/// Tests the services of the compose file without containers: the programs of the images, with the settings of the file and of .env.example. Only
/// addresses and ports are changed, because all services are on one machine.
/// </summary>
[Collection(PublishedPrograms.OneAtATime)]
public sealed class ComposeClusterTests(PublishedPrograms programs)
{
    private static readonly ComposeFile File = ComposeFile.Read();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Services_ToldWhatTheFileSays_BecomeACluster()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await programs.CommandAsync("silo"); // builds the programs before the database starts
        await using var database = await MariaDb.StartAsync();
        await ApplySchemaAsync(database);
        await using var silo = await StartSiloAsync(database);
        var management = FreePort.Take();
        await using var gateway = await StartGatewayAsync(database, management);

        await using var browser = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        await browser.JoinAsync(7, 1);
        await browser.SyncAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", ComposeFile.Example()["DIRECT_SIGNAL_KEY"]);
        var receipt = await http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/!direct-signal?part=7,1,0&message=hello"), TestContext.Current.CancellationToken);

        Assert.Contains("\"delivered\":1", receipt, StringComparison.Ordinal);
        Assert.Equal("hello", await browser.ReceiveTextAsync());
        await EndAsync(gateway);
        await EndAsync(silo);
    }

    private async Task ApplySchemaAsync(MariaDb database)
    {
        await using var schema = NodeProcess.Launch(new NodeOptions
        {
            Command = await programs.CommandAsync("silo", Variables("schema", database)),
            Arguments = ["port=", "env=", "Direct:Endpoints:Address=", .. ComposeFile.List(File.Services["schema"], "command")],
        });
        Assert.True(await schema.WaitForExitAsync(Patience) == 0, string.Join('\n', schema.Output));
    }

    private async Task<NodeProcess> StartSiloAsync(MariaDb database)
    {
        var variables = Variables("silo-1", database);
        variables["Direct__Silo__Address"] = "127.0.0.1";
        variables["Direct__Silo__SiloPort"] = $"{FreePort.Take()}";
        variables["Direct__Silo__GatewayPort"] = $"{FreePort.Take()}";
        variables["Direct__Registry__ColdStartDelay"] = "00:00:00"; // this cluster had no gateway before
        variables["Direct__Silo__ManagementPort"] = $"{FreePort.Take()}";
        var silo = await NodeProcess.StartAsync(new NodeOptions
        {
            AssemblyName = "Direct.Silo",
            Command = await programs.CommandAsync("silo", variables),
            Arguments = ["port=", "env=", "Direct:Endpoints:Address="],
            ReadyUri = new Uri($"http://127.0.0.1:{variables["Direct__Silo__ManagementPort"]}/readyz"),
        });
        await silo.WaitForOutputAsync("Direct.Silo silo-1 is ready in cluster");
        return silo;
    }

    private async Task<NodeProcess> StartGatewayAsync(MariaDb database, int management)
    {
        var variables = Variables("gateway-1", database);
        variables["Direct__Endpoints__ManagementPort"] = $"{management}";
        return await NodeProcess.StartAsync(new NodeOptions
        {
            Command = await programs.CommandAsync("gateway", variables),
            Arguments = ["env="],
            ReadyUri = new Uri($"http://127.0.0.1:{management}/readyz"),
        });
    }

    private static Dictionary<string, string> Variables(string service, MariaDb database)
    {
        var variables = File.Environment(service, new Dictionary<string, string> { ["MYSQL_PASSWORD"] = MariaDb.Password });
        const string Key = "Direct__Cluster__ConnectionString";
        variables[Key] = variables[Key].Replace("Server=mysql;Port=3306;", $"Server=127.0.0.1;Port={database.Port};", StringComparison.Ordinal);
        return variables;
    }

    private static async Task EndAsync(NodeProcess process)
    {
        await process.TerminateAsync();
        Assert.Equal(0, await process.WaitForExitAsync(Patience));
    }
}
