using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public async Task Start_WithSeveralFaults_NamesThemAllAtOnceWithTheirValues()
    {
        (string Argument, string Key, string Value)[] faults =
        [
            ("cluster=sqlite", "Direct:Cluster:Provider", "sqlite"),
            ("Direct:Cluster:ClusterId= ", "Direct:Cluster:ClusterId", " "),
            ("Direct:Silo:SiloPort=0", "Direct:Silo:SiloPort", "0"),
            ("Direct:Silo:GatewayPort=65536", "Direct:Silo:GatewayPort", "65536"),
            ("Direct:Silo:Address=example.com", "Direct:Silo:Address", "example.com"),
            ("schema=drop", "Direct:Silo:Schema", "drop"),
            ("Direct:Registry:LeaseDuration=soon", "Direct:Registry:LeaseDuration", "soon"),
            ("pork=8085", "Argument", "pork=…"),
        ];

        var (exitCode, output) = await TestSilo.RunAsync([.. faults.Select(fault => fault.Argument)]);

        var lines = output.Split('\n');
        Assert.Equal(1, exitCode);
        Assert.Equal(faults.Length + 1, lines.Length);
        Assert.All(faults, fault => Assert.Contains(lines, line =>
            line.Contains(fault.Key, StringComparison.Ordinal)
            && line.Contains(fault.Value, StringComparison.Ordinal)
            && line.Contains("it must", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("cluster=mysql", "Direct:Cluster:ConnectionString is not set")]
    [InlineData("cluster=none", "Direct:Cluster:Provider (cluster=) is 'none'")]
    [InlineData("Direct:Silo:SiloPort=many", "Direct:Silo:SiloPort is 'many'; it must be a whole number")]
    [InlineData("Direct:Silo:SiloPort=30000", "the same as SiloPort")]
    [InlineData("Direct:Silo:Address=0.0.0.0", "Direct:Silo:Address")]
    [InlineData("Direct:Silo:ListenAddress=everywhere", "Direct:Silo:ListenAddress")]
    [InlineData("Direct:Silo:ListenSiloPort=-1", "Direct:Silo:ListenSiloPort is -1")]
    [InlineData("Direct:Silo:ManagementPort=65536", "Direct:Silo:ManagementPort is 65536")]
    [InlineData("Direct:Silo:ManagementPort=11111", "Direct:Silo:ManagementPort is 11111, the same as SiloPort")]
    [InlineData("Direct:Silo:ManagementPort=30000", "Direct:Silo:ManagementPort is 30000, the same as GatewayPort")]
    [InlineData("Direct:Silo:Name= ", "Direct:Silo:Name")]
    [InlineData("Direct:Silo:SiloProt=11111", "there is no such setting")]
    [InlineData("Direct:Registry:LeaseDuratoin=00:00:30", "Direct:Registry:LeaseDuratoin is set, and there is no such setting")]
    [InlineData("Direct:Registry:ColdStartDelay=-00:00:01", "Direct:Registry:ColdStartDelay is -00:00:01")]
    [InlineData("Direct:Memory:QueueBytes=-1", "Direct:Memory:QueueBytes is -1; it must be from 0 to")]
    [InlineData("schema=apply", "needs cluster=mysql")]
    [InlineData("nonsense", "Argument 'nonsense'")]
    public async Task Start_WithAFault_IsRefusedNamingIt(string argument, string named)
    {
        var (exitCode, output) = await TestSilo.RunAsync(argument);

        Assert.Equal(1, exitCode);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster=mysql", "cluster=mysql")]
    [InlineData("cluster=localhost", "Cluster=mysql")]
    public async Task Start_WithAWordTwice_IsRefusedNamingIt(string first, string second)
    {
        var (exitCode, output) = await TestSilo.RunAsync(first, second, "Direct:Cluster:ConnectionString=Server=x;User ID=u;Database=d");

        Assert.Equal(1, exitCode);
        Assert.Contains($"Argument 'cluster=' is there 2 times;", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=x;User ID=u;Password=secret", "no Database")]
    [InlineData("Server=x;Password=secret", "no User ID and no Database")]
    [InlineData("Server=x;User ID=u;Password=secret;Database=d;Colour=red", "does not know")]
    [InlineData("secret", "not in the form")]
    public async Task Start_WithAFaultyConnectionString_NamesWhatIsMissingAndShowsNoPassword(string connectionString, string named)
    {
        var (exitCode, output) = await TestSilo.RunAsync("cluster=mysql", $"Direct:Cluster:ConnectionString={connectionString}");

        Assert.Equal(1, exitCode);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
    }

    /// <summary>A connection string in the wrong place was written to standard error, with its password.</summary>
    [Theory]
    [InlineData("Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("ConnectionString=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("--ConnectionStrings", "secret-secret-secret-secret")]
    [InlineData("-Direct:Cluster:ConnectionString=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("Direct:Silo:ConnectionString=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("Direct:Registry:ConnectionString=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("Direct:Silo:SiloPort=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("cluster=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("cluster=mysql", "cluster=Server=db;User ID=u;Password=secret;Database=d")]
    [InlineData("schema=Server=db;User ID=u;Password=secret;Database=d")]
    public async Task Start_WithAConnectionStringInTheWrongPlace_IsRefusedAndShowsNoPassword(params string[] arguments)
    {
        var (exitCode, output) = await TestSilo.RunAsync(arguments);

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithSettingsOfTheEnvironment_ReadsThemAndArgumentsWin()
    {
        var environment = new Dictionary<string, string>
        {
            ["Direct__Silo__SiloPort"] = "70000",
            ["Direct__Silo__GatewayPort"] = "70001",
            ["POD_IP"] = "pod",
        };

        await using var silo = TestSilo.Launch(environment, "Direct:Silo:GatewayPort=70002");
        var exitCode = await silo.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains(silo.Output, line => line.Contains("SiloPort is 70000", StringComparison.Ordinal));
        Assert.Contains(silo.Output, line => line.Contains("GatewayPort is 70002", StringComparison.Ordinal));
        Assert.Contains(silo.Output, line => line.Contains("POD_IP) is 'pod'", StringComparison.Ordinal));
    }
}
