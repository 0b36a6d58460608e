using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Scripts;

/// <summary>Runs a script of this project with node. The script gets a text as a file.</summary>
internal static class NodeScript
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Direct.Deploy.Tests");

    public static async Task<(int ExitCode, string Output)> RunAsync(string script, string text)
    {
        var node = InstalledProgram.Find("node");
        Assert.SkipWhen(node is null, "node is missing; install it: apt-get install nodejs npm");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "kubernetes-models")),
            "npm's packages are missing; install them: npm ci in tests/Direct.Deploy.Tests");

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text);
            await using var command = Command.Start(node!, [Path.Combine(Folder, script), file]);
            var exitCode = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
            return (exitCode, command.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
