using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Builds the programs of the newest release from history. Each commit is built once and kept in artifacts/releases.</summary>
internal static class ReleasedBuild
{
    /// <summary>Names the variable that selects another commit than that of the newest release: <c>DIRECT_CRASH_FROM=v0.1.0</c>.</summary>
    private const string Variable = "DIRECT_CRASH_FROM";

    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(3);

    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "releases");

    private static readonly Dictionary<string, string> Environment = new()
    {
        // Prevents build servers that keep running and hold the folder.
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["DOTNET_NOLOGO"] = "1",
    };

    /// <summary>Returns the commit to upgrade from, or the reason why there is none.</summary>
    public static async Task<(string? Commit, string WhyMissing)> FindAsync()
    {
        var newest = Release.ReadAll() is [.., var release] ? release.Commit : null;
        var name = System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : newest;
        return name is null
            ? (null, $"no release is recorded in deploy/releases yet, and {Variable} names no commit")
            : await GitHistory.FindAsync(name);
    }

    public static async Task<ProgramBuild> BuildAsync(string commit)
    {
        var folder = Path.Combine(Folder, commit);
        if (!Directory.Exists(folder))
        {
            var unfinished = folder + ".building";
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            await BuildAsync(commit, unfinished);
            Directory.Move(unfinished, folder); // a folder with the final name is always complete
        }

        return new ProgramBuild(folder);
    }

    private static async Task BuildAsync(string commit, string folder)
    {
        var sources = Directory.CreateDirectory(Path.Combine(folder, "sources")).FullName;
        var archive = Path.Combine(folder, "sources.tar");
        await GitHistory.RunAsync("archive", "--format=tar", $"--output={archive}", commit);
        await RunAsync("tar", ["--extract", $"--file={archive}"], sources);

        // A newer SDK may add warnings, so they are not errors here. Ahead-of-time compilation is off because it takes longer than it saves.
        foreach (var program in (string[])["Direct.Silo", "Direct.Gateway"])
        {
            await RunAsync(
                Repository.DotnetHost,
                [
                    "publish", program, "--configuration", "Release", "--output", Path.Combine(folder, program), "-v", "quiet",
                    "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false", "-p:PublishReadyToRun=false",
                ],
                sources);
        }

        Directory.Delete(sources, recursive: true);
        File.Delete(archive);
    }

    private static async Task RunAsync(string program, string[] arguments, string folder)
    {
        await using var command = Command.Start(program, arguments, folder, Environment);
        await command.EndsWellAsync(BuildTimeout);
    }
}
