using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>
/// Executes the build of deploy/Dockerfile without a container engine: its COPY and RUN lines, in a separate folder in place of a container, with the
/// SDK of this machine in place of the image's. Only copied files are available there.
/// </summary>
internal sealed partial class ImageBuild(string folder)
{
    // BuildKit sets this argument for a stage that declares it; here it is the architecture of this machine.
    private const string ImageArchitecture = "TARGETARCH";

    private static readonly Dictionary<string, string> Quiet = new()
    {
        // Prevents build servers that keep running and hold the folder.
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["DOTNET_NOLOGO"] = "1",
        ["PATH"] = $"{Path.GetDirectoryName(Repository.DotnetHost)}:{Environment.GetEnvironmentVariable("PATH")}",
    };

    private readonly Dictionary<string, string> _variables = new(Quiet);

    private string Sources => Path.Combine(folder, "src");

    /// <summary>Returns the folder that a stage publishes to.</summary>
    public string Published(string stage) => Path.Combine(folder, stage);

    /// <summary>Executes the build stage, and then these stages.</summary>
    public async Task RunAsync(Dockerfile file, params string[] stages)
    {
        Directory.CreateDirectory(Sources);
        foreach (var instruction in file["build"].Instructions)
        {
            foreach (var source in instruction.Sources)
            {
                Copy(Path.Combine(Repository.Root, source), Destination(source, instruction.Destination));
            }

            if (instruction is { Word: "ARG", Text: ImageArchitecture })
            {
                _variables[ImageArchitecture] = RuntimeInformation.OSArchitecture is Architecture.Arm64 ? "arm64" : "amd64";
            }

            if (instruction.Word == "RUN")
            {
                await RunAsync(instruction.Text);
            }
        }

        foreach (var stage in stages)
        {
            foreach (var instruction in file[stage].Instructions.Where(instruction => instruction.Word == "RUN"))
            {
                await RunAsync(instruction.Text.Replace("/published", Published(stage), StringComparison.Ordinal));
            }
        }
    }

    private async Task RunAsync(string line)
    {
        await using var command = Command.Start("/bin/sh", ["-c", line], Sources, _variables);
        await command.EndsWellAsync(TimeSpan.FromMinutes(4)); // one of the commands compiles forty assemblies ahead of time
    }

    // COPY file… folder/ copies the files into the folder; COPY folder/ folder/ copies the content of the first folder.
    private string Destination(string source, string destination) =>
        Path.Combine(Sources, destination, source.EndsWith('/') ? "" : Path.GetFileName(source));

    private static void Copy(string from, string to)
    {
        if (!from.EndsWith('/'))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        // Skips build output, as .dockerignore does.
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => !BuildOutput().IsMatch(file[from.Length..])))
        {
            var target = Path.Combine(to, file[from.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    [GeneratedRegex("(^|/)(bin|obj)/")]
    private static partial Regex BuildOutput();
}
