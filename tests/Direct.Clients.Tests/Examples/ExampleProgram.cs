using Direct.Testing;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Examples;

/// <summary>Represents one unchanged program of docs/examples.md, in a separate folder or where it has been built. Disposing ends it and removes its folder.</summary>
internal sealed class ExampleProgram : IAsyncDisposable
{
    private const string Document = "docs/examples.md";

    // The first run of the C# file builds it.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo? _folder;
    private readonly Command _command;

    private ExampleProgram(DirectoryInfo? folder, Command command)
    {
        _folder = folder;
        _command = command;
    }

    public static ExampleProgram Start(string language, Uri url, string key, BuildFolder built)
    {
        var program = ExampleLanguage.Of(language);
        Assert.SkipWhen(
            program.Needs.Any(name => InstalledProgram.Find(name) is null), $"{program.Fence}: install it: apt-get install {program.Package}");

        var folder = program.IsBuilt ? null : Directory.CreateTempSubdirectory("direct-example");
        var path = folder?.FullName ?? built.Path;
        var file = Path.Combine(path, program.FileName);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Documents.Block(Document, program.Fence));
        }

        return new ExampleProgram(folder, Command.Start(program.Program, [.. program.Arguments, program.FileName], path, new Dictionary<string, string>
        {
            ["DIRECT_URL"] = url.ToString().TrimEnd('/'),
            ["DIRECT_KEY"] = key,
            ["NO_PROXY"] = "127.0.0.1",
            ["no_proxy"] = "127.0.0.1",
            ["MSBUILDDISABLENODEREUSE"] = "1", // a compiler that keeps running would keep the output open
            ["UseSharedCompilation"] = "false",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["XDG_DATA_HOME"] = path, // the folder for what dotnet builds from a single file
        }));
    }

    /// <summary>Runs a program until it exits, and returns its output.</summary>
    public static async Task<string> RunAsync(string language, Uri url, string key, BuildFolder built, int exitCode = 0)
    {
        await using var program = Start(language, url, key, built);
        return await program.EndAsync(exitCode);
    }

    /// <summary>Waits until the program exits, and returns its output.</summary>
    public async Task<string> EndAsync(int exitCode = 0)
    {
        var code = await _command.WaitForExitAsync(EndTimeout);
        Assert.True(code == exitCode, $"{exitCode} expected as the exit code, got {code}:\n{_command.Output}");
        return _command.Output;
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync();
        _folder?.Delete(recursive: true);
    }
}
