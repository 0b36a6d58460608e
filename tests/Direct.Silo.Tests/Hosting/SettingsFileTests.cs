using Direct.Silo.Tests.Silos;
using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Hosting;

/// <summary>Tests the settings file of both programs, which is read before the settings are checked.</summary>
public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("direct-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Both programs use the same code to read the file.
    [Theory]
    [InlineData("Direct.Gateway", "{\n  \"Direct\": {\n    \"Silo\": { \"SiloPort\": 1 ]\n  }\n}", "line 3: ")]
    [InlineData("Direct.Silo", "{\n  \"Direct\": {\n    \"Silo\": { \"SiloPort\": 1 ]\n  }\n}", "line 3: ")]
    [InlineData("Direct.Silo", "{ \"Direct\": ", "line 1: ")]
    [InlineData("Direct.Silo", "", "line 1: ")]
    [InlineData("Direct.Silo", "[]", "must be an object")]
    [InlineData("Direct.Silo", "{ \"Direct\": 1, \"direct\": 2 }", "'direct'")]
    public async Task Start_WithABrokenSettingsFile_IsRefusedNamingFileAndPlace(string program, string json, string place)
    {
        var file = Path.Combine(_folder, "appsettings.json");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);

        var line = await RefusalAsync(program);

        Assert.Contains(file, line, StringComparison.Ordinal);
        Assert.Contains(place, line, StringComparison.Ordinal);
    }

    // Regression test: with a watch on the settings file, every folder below the working directory was watched, which took seconds. The root is the default of systemd.
    [Theory]
    [InlineData("Direct.Gateway")]
    [InlineData("Direct.Silo")]
    public async Task Start_FromTheRootOfTheSystem_WatchesNoFiles(string program)
    {
        var isSilo = program == "Direct.Silo";
        await using var process = Launch(program, "/", isSilo ? TestSilo.Ports() : []);

        await process.WaitForOutputAsync(isSilo ? TestSilo.Ready : "is ready, env=", timeout: TimeSpan.FromSeconds(60));

        Assert.Equal(0, process.FileWatches);
    }

    private static NodeProcess Launch(string program, string folder, params string[] arguments) => NodeProcess.Launch(new NodeOptions
    {
        AssemblyName = program,
        WorkingDirectory = folder,
        Arguments = program == "Direct.Silo" ? ["port=", "env=", "Direct:Endpoints:Address=", .. arguments] : arguments,
    });

    private async Task<string> RefusalAsync(string program, params string[] arguments)
    {
        await using var process = Launch(program, _folder, arguments);
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(60));

        var line = Assert.Single(process.Output);
        Assert.StartsWith($"{(program == "Direct.Silo" ? program : "Direct")} cannot start: ", line, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
        return line;
    }
}
