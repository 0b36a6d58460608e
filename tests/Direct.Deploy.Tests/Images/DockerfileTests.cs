using Direct.Deploy.Tests.Settings;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>The form of deploy/Dockerfile; <see cref="PublishedImageTests"/> does what it says.</summary>
public sealed class DockerfileTests
{
    private static readonly Dockerfile File = Dockerfile.Read();
    private static readonly string[] Files = ["global.json", "Directory.Build.props", "Directory.Packages.props"];

    [Fact]
    public void Sources_OfEveryCopy_AreThereAndAreSent()
    {
        var sources = File.Stages.SelectMany(stage => stage.Instructions).SelectMany(instruction => instruction.Sources).ToList();
        var sent = Documents.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToHashSet();

        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), $"{source} is not in the checkout"));
        Assert.All(sources, source => Assert.True(sent.Contains(source.Split('/')[0]), $".dockerignore keeps {source} from the builder"));
        Assert.Equal(sent.Order(), sources.Select(source => source.Split('/')[0]).Distinct().Order());
    }

    [Theory]
    [InlineData("Direct.Silo")]
    [InlineData("Direct.Gateway")]
    public void Restore_OfAProgram_HasAllThatNamesItsPackagesAndNothingElse(string program)
    {
        var before = File["build"].Instructions.TakeWhile(instruction => instruction.Word != "RUN").SelectMany(instruction => instruction.Sources).ToList();

        Assert.Subset(before.ToHashSet(), Files.ToHashSet());
        Assert.All(ProjectReferences.Closure(program), project =>
        {
            Assert.Contains($"{project}/{project}.csproj", before);
            Assert.Equal(Path.Exists(Path.Combine(Repository.Root, project, "packages.lock.json")), before.Contains($"{project}/packages.lock.json"));
        });
        Assert.DoesNotContain(before, source => source.EndsWith('/')); // a folder's code would change more often than its packages
        Assert.Contains(File["build"].Instructions, instruction => instruction.Word == "RUN" && instruction.Text.Contains($"dotnet restore {program}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Direct.Silo")]
    [InlineData("Direct.Gateway")]
    public void Build_OfAProgram_HasEveryProjectItRefersTo(string program)
    {
        var after = File["build"].Instructions.SkipWhile(instruction => instruction.Word != "RUN").Where(instruction => instruction.IsCopyOfSources);

        Assert.Subset(after.Select(copy => copy.Text).ToHashSet(), ProjectReferences.Closure(program).Select(project => $"{project}/ {project}/").ToHashSet());
    }

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
        Assert.DoesNotContain(history, instruction => instruction.Word is "RUN" or "ADD"); // there is no shell to run anything
        Assert.Equal($"--from=publish-{target} /published ./", history.Single(instruction => instruction.Word == "COPY").Text);
        Assert.StartsWith($"dotnet publish {program} -c Release --no-restore ", Assert.Single(File[$"publish-{target}"].Instructions, instruction => instruction.Word == "RUN").Text, StringComparison.Ordinal);
        Assert.Contains($"\"direct-{target}\"", Assert.Single(history, instruction => instruction.Word == "LABEL").Text, StringComparison.Ordinal);
        Assert.Equal("VERSION=" + BuildVersion.Read(), Assert.Single(history, instruction => instruction.Word == "ARG").Text);
    }

    [Fact]
    public void Arguments_OfEveryStageThatUsesThem_AreDeclaredThere() => // podman's builder, unlike Docker's, does not inherit them
        Assert.All(
            File.Stages.Where(stage => stage.Instructions.Any(instruction => instruction.Text.Contains("$TARGETARCH", StringComparison.Ordinal))),
            stage => Assert.Contains(stage.Instructions, instruction => instruction is { Word: "ARG", Text: "TARGETARCH" }));

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
        Assert.Contains("<InvariantGlobalization>true</InvariantGlobalization>", Documents.Read("Directory.Build.props"), StringComparison.Ordinal); // no -extra
    }

    private static string Exposed(string target) => Assert.Single(File.History(target), instruction => instruction.Word == "EXPOSE").Text;
}
