using System.Net;
using Direct.Silo.Tests.Silos;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Gateways;

/// <summary>Tests that a gateway waits for its database and its silos, and reports what it waits for.</summary>
public sealed class GatewayWaitTests(SharedDatabase server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Start_WithTheWrongClusterId_NamesBothAndWaits()
    {
        var database = await server.NewWithSchemaAsync();
        await using var silo = await TestSilo.StartAsync([.. database.Arguments, "Direct:Cluster:ClusterId=blue"]);
        await using var gateway = TestGateway.Launch([.. database.Arguments, "Direct:Cluster:ClusterId=Blue"]);

        await NotReadyAsync(gateway, "no silo of cluster id 'Blue'");

        var warning = await gateway.WaitForOutputAsync("no silo of cluster id 'Blue'");
        Assert.Contains($"database '{database.Name}'", warning, StringComparison.Ordinal);
        Assert.Contains("silos of 'blue' are", warning, StringComparison.Ordinal);
        Assert.Contains("Direct:Cluster:ClusterId", warning, StringComparison.Ordinal);
        Assert.Contains(gateway.Output, line => line.Contains($"Direct {BuildVersion.Read()} listens", StringComparison.Ordinal));
        LogLines.AssertNone(gateway.Output, line => line.StartsWith("warn: Orleans", StringComparison.Ordinal) && !LogLines.IsSlowness(line));
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
    }

    [Fact]
    public async Task Start_BeforeTheSilos_RefusesUntilTheyAreThere()
    {
        var database = await server.NewWithSchemaAsync();
        await using var gateway = TestGateway.Launch(database.Arguments);
        await NotReadyAsync(gateway, $"no silo of cluster id 'direct' is active in database '{database.Name}'");

        var signal = await gateway.SignalAsync("1,0,0", "early");
        await using var refused = await ProtocolClient.QueryAsync(gateway.Port, HandshakeOptions.Default);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 503), (signal.Status, refused.Response.Status));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, "/livez"));

        await using var silo = await TestSilo.StartAsync([.. database.Arguments, "Direct:Registry:ColdStartDelay=00:00:00"]);
        await gateway.WaitReadyAsync();
        await using var client = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        await client.JoinAsync(5, 7);
        Assert.Equal(HttpStatusCode.OK, (await gateway.SignalAsync("5,7,0", "hello")).Status);
        Assert.Equal("hello", await client.ReceiveTextAsync());

        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
        LogLines.AssertNone(gateway.Output, LogLines.IsError);
    }

    /// <summary>
    /// Regression test: the two durations of a lease are settings of two programs, and nothing compared them. The lease is shorter than the fence
    /// here.
    /// </summary>
    [Fact]
    public async Task Start_WithAFenceAfterItsLease_NamesBothSettingsAndWaits()
    {
        const string Refusal = "is 00:00:15; it must be at least 00:00:01 shorter than the silos' Direct:Registry:LeaseDuration (00:00:10)";
        var database = await server.NewWithSchemaAsync();
        await using var silo = await TestSilo.StartAsync([.. database.Arguments, "Direct:Registry:LeaseDuration=00:00:10", "Direct:Registry:ColdStartDelay=00:00:00"]);
        await using var gateway = TestGateway.Launch([.. database.Arguments, "Direct:Cluster:Name=east"]);

        await NotReadyAsync(gateway, $"Direct:Cluster:FenceAfter of gateway east {Refusal}");

        await gateway.WaitForOutputAsync(Refusal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.SignalAsync("1,0,0", "refused")).Status);
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
        Assert.Single(gateway.Output, line => line.StartsWith("fail:", StringComparison.Ordinal));
        LogLines.AssertNone(silo.Output, LogLines.IsWarningOrError);
    }

    [Fact]
    public async Task Start_WhileTheDatabaseIsDown_WaitsAndChecksItThen()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var database = await MariaDb.StartAsync();
        await database.StopAsync();
        await using var gateway = TestGateway.Launch("cluster=mysql", $"Direct:Cluster:ConnectionString={database.ConnectionString()}");

        await gateway.WaitForOutputAsync($"database 'direct' at 127.0.0.1:{database.Port} does not answer", timeout: Patience);
        Assert.False(gateway.HasExited);
        await database.StartAgainAsync();

        Assert.Equal(1, await gateway.WaitForExitAsync(Patience));
        Assert.Contains(gateway.Output, line => line.Contains("has no tables", StringComparison.Ordinal) && line.Contains("schema=apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WhileTheDatabaseIsDown_EndsWhenToldTo()
    {
        await using var gateway = TestGateway.Launch(
            "cluster=mysql", $"Direct:Cluster:ConnectionString=Server=127.0.0.1;Port={FreePort.Take()};User ID=a;Password=b;Database=c");
        await gateway.WaitForOutputAsync("does not answer", timeout: Patience);

        await gateway.TerminateAsync();

        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
        LogLines.AssertNone(gateway.Output, line => line.Contains("cannot start", StringComparison.Ordinal));
    }

    private static async Task NotReadyAsync(NodeProcess gateway, string named)
    {
        var last = "no answer";
        await Deadline.UntilAsync(
            $"/readyz says \"{named}\"",
            async () =>
            {
                try
                {
                    using var response = await gateway.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
                    last = await response.Content.ReadAsStringAsync();
                    return response.StatusCode == HttpStatusCode.ServiceUnavailable && last.Contains(named, StringComparison.Ordinal);
                }
                catch (HttpRequestException)
                {
                    return false; // the gateway does not listen yet
                }
            },
            Patience,
            () => $"{last}\n{string.Join('\n', gateway.Output)}");
    }

    private static async Task<HttpStatusCode> StatusAsync(NodeProcess gateway, string path)
    {
        using var response = await gateway.Http.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
