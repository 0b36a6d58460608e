using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Hosting;

public sealed class SettingsTests
{
    private const string ConnectionString = "Server=db;User ID=u;Password=secret;Database=d";

    [Fact]
    public async Task Start_WithSeveralErrors_NamesThemAllAtOnceWithTheirValues()
    {
        (string Argument, string Key, string Value)[] errors =
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

        var (exitCode, output) = await TestSilo.RunAsync([.. errors.Select(error => error.Argument)]);

        var lines = output.Split('\n');
        Assert.Equal(1, exitCode);
        Assert.Equal(errors.Length + 1, lines.Length);
        Assert.All(errors, error => Assert.Contains(lines, line =>
            line.Contains(error.Key, StringComparison.Ordinal)
            && line.Contains(error.Value, StringComparison.Ordinal)
            && line.Contains("it must", StringComparison.Ordinal)));
    }

    // Each error follows its argument. Those of one row are found at once; how settings relate is checked if all can be read.
    [Theory]
    [InlineData(
        "cluster=mysql", "Direct:Cluster:ConnectionString is not set",
        "Direct:Silo:SiloPort=many", "Direct:Silo:SiloPort is 'many'; it must be a whole number",
        "Direct:Silo:ListenSiloPort=-1", "Direct:Silo:ListenSiloPort is -1",
        "Direct:Silo:ManagementPort=65536", "Direct:Silo:ManagementPort is 65536",
        "Direct:Silo:SiloProt=11111", "Direct:Silo:SiloProt is set, and there is no such setting",
        "Direct:Registry:LeaseDuratoin=00:00:30", "Direct:Registry:LeaseDuratoin is set, and there is no such setting",
        "Direct:Registry:ColdStartDelay=-00:00:01", "Direct:Registry:ColdStartDelay is -00:00:01",
        "Direct:Memory:QueueBytes=-1", "Direct:Memory:QueueBytes is -1; it must be from 0 to",
        "nonsense", "Argument 'nonsense'")]
    [InlineData(
        "Direct:Silo:SiloPort=30000", "Direct:Silo:GatewayPort is 30000, the same as SiloPort",
        "Direct:Silo:Address=0.0.0.0", "Direct:Silo:Address (or POD_IP) is '0.0.0.0'",
        "Direct:Silo:ListenAddress=everywhere", "Direct:Silo:ListenAddress is 'everywhere'",
        "Direct:Silo:Name= ", "Direct:Silo:Name is ' '",
        "schema=apply", "needs cluster=mysql")]
    [InlineData("cluster=none", "Direct:Cluster:Provider (cluster=) is 'none'", "Direct:Silo:ManagementPort=11111", "Direct:Silo:ManagementPort is 11111, the same as SiloPort")]
    [InlineData("Direct:Silo:ManagementPort=30000", "Direct:Silo:ManagementPort is 30000, the same as GatewayPort")]
    public async Task Start_WithErrors_IsRefusedNamingEach(params string[] errors)
    {
        var (exitCode, output) = await TestSilo.RunAsync([.. errors.Where((_, i) => i % 2 == 0)]);

        var lines = output.Split('\n');
        Assert.Equal(1, exitCode);
        Assert.All(errors.Where((_, i) => i % 2 == 1), error => Assert.Contains(lines, line => line.Contains(error, StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAWordTwice_IsRefusedNamingIt()
    {
        var (exitCode, output) = await TestSilo.RunAsync(
            "cluster=localhost", "Cluster=mysql", "Direct:Cluster:ConnectionString=Server=x;User ID=u;Database=d");

        Assert.Equal(1, exitCode);
        Assert.Contains($"Argument 'cluster=' is there 2 times;", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAnInvalidConnectionString_NamesWhatIsMissingAndShowsNoPassword()
    {
        var (exitCode, output) = await TestSilo.RunAsync("cluster=mysql", "Direct:Cluster:ConnectionString=Server=x;Password=secret");

        Assert.Equal(1, exitCode);
        Assert.Contains("no User ID and no Database", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
    }

    /// <summary>A connection string in the wrong place was written to standard error, with its password.</summary>
    [Theory]
    [InlineData(
        ConnectionString, "Argument 'Server=…' is unknown",
        $"ConnectionString={ConnectionString}", "Argument 'ConnectionString=…' is unknown",
        $"Direct:Silo:ConnectionString={ConnectionString}", "Direct:Silo:ConnectionString is set",
        $"Direct:Registry:ConnectionString={ConnectionString}", "Direct:Registry:ConnectionString is set",
        $"cluster={ConnectionString}", "Direct:Cluster:Provider (cluster=) is '…'",
        $"schema={ConnectionString}", "Direct:Silo:Schema (schema=) is '…'")]
    [InlineData(
        $"Direct:Silo:SiloPort={ConnectionString}", "Direct:Silo:SiloPort is '…'",
        "--ConnectionStrings", "Argument 'of 19 characters without '='' is unknown",
        "secret-secret-secret-secret", "Argument 'of 27 characters without '='' is unknown")]
    [InlineData($"-Direct:Cluster:ConnectionString={ConnectionString}", "-Direct:Cluster:ConnectionString=…")]
    [InlineData("cluster=mysql", "Argument 'cluster=' is there 2 times", $"cluster={ConnectionString}", "Direct:Cluster:Provider (cluster=) is '…'")]
    public async Task Start_WithAConnectionStringInTheWrongPlace_IsRefusedNamingThePlaceAndShowsNoPassword(params string[] errors)
    {
        var (exitCode, output) = await TestSilo.RunAsync([.. errors.Where((_, i) => i % 2 == 0)]);

        var lines = output.Split('\n');
        Assert.Equal(1, exitCode);
        Assert.All(errors.Where((_, i) => i % 2 == 1), error => Assert.Contains(lines, line => line.Contains(error, StringComparison.Ordinal)));
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
