using System.Diagnostics;
using Direct.Deploy.Tests.Settings;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Compose;

public sealed class ComposeTests
{
    private static readonly ComposeFile File = ComposeFile.Read();
    private static readonly string[] Silos = ["silo-1", "silo-2"];
    private static readonly string[] Gateways = ["gateway-1", "gateway-2"];

    public static IEnumerable<TheoryDataRow<string>> Services => File.Services.Keys.Select(name => new TheoryDataRow<string>(name));

    [Fact]
    public void Keys_OfTheFile_AreThereOnce() => Assert.Null(Record.Exception(ComposeFile.ReadStrictly));

    [Theory]
    [MemberData(nameof(Services))]
    public void Container_OfEveryService_MayDoNothingButItsWork(string name)
    {
        var service = File.Services[name];

        Assert.Equal("true", service["read_only"]);
        Assert.Equal(["ALL"], ComposeFile.List(service, "cap_drop"));
        Assert.DoesNotContain("cap_add", service.Keys);
        Assert.DoesNotContain("privileged", service.Keys);
        Assert.Equal(["no-new-privileges:true"], ComposeFile.List(service, "security_opt"));
        Assert.Contains(ComposeFile.List(service, "tmpfs"), mount => mount.StartsWith("/tmp", StringComparison.Ordinal));
        Assert.Matches(@":([0-9.]+(-alpine)?\}?|\$\{DIRECT_VERSION:-[0-9.]+\})$", (string)service["image"]);
    }

    [Fact]
    public void Start_OfTheCluster_WaitsForTheDatabaseAndItsSchema()
    {
        Assert.Equal("service_healthy", Awaited("schema", "mysql"));
        Assert.All([.. Silos, .. Gateways], name => Assert.Equal("service_completed_successfully", Awaited(name, "schema")));
        Assert.Equal(["schema=apply"], ComposeFile.List(File.Services["schema"], "command"));
        Assert.NotEmpty(ComposeFile.Map(File.Services["mysql"], "healthcheck"));
    }

    [Fact]
    public void GracePeriods_OfThePrograms_AreLongerThanTheirEnd()
    {
        Assert.All(Gateways, name => Assert.True(ComposeFile.Seconds(File.Services[name]["stop_grace_period"]) >= EndTimes.Gateway));
        Assert.All(Silos, name => Assert.True(ComposeFile.Seconds(File.Services[name]["stop_grace_period"]) >= EndTimes.Silo + 5));
    }

    [Fact]
    public void Variables_OfThePrograms_AreSettings()
    {
        Assert.All(Gateways.SelectMany(Told), variable => Assert.True(ProgramSettings.Gateway.Knows(variable), $"a gateway does not know {variable}"));
        Assert.All(Silos.Append("schema").SelectMany(Told), variable => Assert.True(ProgramSettings.Silo.Knows(variable), $"a silo does not know {variable}"));
        Assert.Equal("9085", ComposeFile.Map(File.Services["gateway-1"], "environment")["Direct__Endpoints__ManagementPort"]);
    }

    [Fact]
    public void Ports_ToTheOutside_AreOfTheBalancerAlone()
    {
        Assert.Equal(["haproxy"], File.Services.Where(service => service.Value.ContainsKey("ports")).Select(service => service.Key));
        Assert.Equal(["haproxy"], File.Services.Where(service => ComposeFile.List(service.Value, "networks").Contains("outside")).Select(service => service.Key));
        Assert.Equal("true", ComposeFile.Map(File.Networks, "inside")["internal"]);

        // Signals are allowed from this machine only.
        Assert.Equal(["${DIRECT_PORT:-8085}:8085", "127.0.0.1:${DIRECT_SIGNAL_PORT:-9085}:9085"], ComposeFile.List(File.Services["haproxy"], "ports"));
    }

    [Fact]
    public void Secrets_OfTheFile_ComeFromTheEnvironment()
    {
        var secrets = File.Services.Values.SelectMany(service => ComposeFile.Map(service, "environment"))
            .Where(variable => $"{variable.Key}".Contains("PASSWORD", StringComparison.Ordinal) || $"{variable.Key}".Contains("Keys", StringComparison.Ordinal)
                || $"{variable.Key}".Contains("ConnectionString", StringComparison.Ordinal));

        Assert.All(secrets, variable => Assert.Matches(@"\$\{\w+:\?", $"{variable.Value}"));
        Assert.Equal(["DIRECT_SESSIONS", "DIRECT_SIGNAL_KEY", "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"], ComposeFile.Required.Order());
    }

    [Fact]
    public void Example_OfTheEnvironment_NamesEveryVariable() => Assert.Equal(ComposeFile.Variables.Order(), ComposeFile.Example().Keys.Order());

    [Fact]
    public void Environment_WithItsPasswords_IsNotCommitted()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["check-ignore", "--quiet", "deploy/.env"]) { WorkingDirectory = Repository.Root })!;
        git.WaitForExit();
        Assert.SkipWhen(git.ExitCode == 128, "not a git checkout");

        Assert.Equal(0, git.ExitCode);
    }

    private static string Awaited(string name, string other) => (string)ComposeFile.Map(ComposeFile.Map(File.Services[name], "depends_on"), other)["condition"];

    private static IEnumerable<string> Told(string name) => ComposeFile.Map(File.Services[name], "environment").Keys.Select(key => $"{key}");
}
