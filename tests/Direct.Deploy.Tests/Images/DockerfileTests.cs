using Direct.Deploy.Tests.Settings;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>Tests the form of deploy/Dockerfile; <see cref="PublishedImageTests"/> executes its steps.</summary>
public sealed class DockerfileTests
{
    private static readonly Dockerfile File = Dockerfile.Read();
    [Theory]
    [InlineData("silo", "Direct.Silo")]
    [InlineData("gateway", "Direct.Gateway")]
    public void Target_OfAProgram_RunsItAsNobodyInParticular(string target, string program)
    {
        var history = File.History(target);

        Assert.Equal($"[\"dotnet\", \"{program}.dll\"]", Assert.Single(history, instruction => instruction.Word == "ENTRYPOINT").Text);
        Assert.Equal("$APP_UID", Assert.Single(history, instruction => instruction.Word == "USER").Text);
        Assert.Contains("DOTNET_EnableDiagnostics=0", Assert.Single(history, instruction => instruction.Word == "ENV").Text, StringComparison.Ordinal);
        Assert.Contains($"/published ./", Assert.Single(history, instruction => instruction.Word == "COPY").Text, StringComparison.Ordinal);
        Assert.DoesNotContain(history, instruction => instruction.Word is "RUN" or "ADD"); // the image has no shell to run commands
        Assert.Equal($"--from=publish-{target} /published ./", history.Single(instruction => instruction.Word == "COPY").Text);
        Assert.StartsWith($"dotnet publish {program} -c Release --no-restore ", Assert.Single(File[$"publish-{target}"].Instructions, instruction => instruction.Word == "RUN").Text, StringComparison.Ordinal);
        Assert.Contains($"\"direct-{target}\"", Assert.Single(history, instruction => instruction.Word == "LABEL").Text, StringComparison.Ordinal);
        Assert.Equal("VERSION=" + BuildVersion.Read(), Assert.Single(history, instruction => instruction.Word == "ARG").Text);
    }

    [Fact]
    public void Ports_OfTheTargets_AreThoseOfThePrograms()
    {
        var (silo, gateway) = (ProgramSettings.Silo, ProgramSettings.Gateway);

        Assert.Equal($"{silo.Default("Direct:Silo:SiloPort")} {silo.Default("Direct:Silo:GatewayPort")} 9086", Exposed("silo"));
        Assert.Equal($"{gateway.Default("Direct:Endpoints:Port")} 9085", Exposed("gateway"));
    }

    [Fact]
    public void BaseImages_OfAllStages_AreThoseOfTheFrameworkInUse()
    {
        var version = $"{Environment.Version.Major}.{Environment.Version.Minor}";

        Assert.Matches($@"^mcr\.microsoft\.com/dotnet/sdk:{version}\.[0-9]+-noble$", File.Origin("publish-silo"));
        Assert.Matches($@"^mcr\.microsoft\.com/dotnet/aspnet:{version}\.[0-9]+-noble-chiseled$", File.Origin("silo"));
        Assert.Equal(File.Origin("silo"), File.Origin("gateway"));
        Assert.Contains($"<TargetFramework>net{version}</TargetFramework>", Documents.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains("<InvariantGlobalization>true</InvariantGlobalization>", Documents.Read("Directory.Build.props"), StringComparison.Ordinal); // so the image does not need the -extra variant
    }

    private static string Exposed(string target) => Assert.Single(File.History(target), instruction => instruction.Word == "EXPOSE").Text;
}
