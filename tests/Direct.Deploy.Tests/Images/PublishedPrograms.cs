using System.Text.Json;
using Direct.Deploy.Tests.Images;
using Direct.Testing.Processes;

[assembly: AssemblyFixture(typeof(PublishedPrograms))]

namespace Direct.Deploy.Tests.Images;

/// <summary>Provides the programs of the images. They are built once, when the first test needs them.</summary>
public sealed class PublishedPrograms : IAsyncDisposable
{
    /// <summary>Names the collection of the tests that run the programs one after the other, because one cluster is enough load for a small machine.</summary>
    public const string OneAtATime = "published programs";

    private readonly string _folder = Directory.CreateTempSubdirectory("direct-images-").FullName;
    private readonly Lazy<Task<Dictionary<string, string>>> _build;

    public PublishedPrograms() => _build = new(BuildAsync);

    /// <summary>Returns the folder with the content of <c>/app</c> of an image.</summary>
    public async Task<string> FolderAsync(string target) => (await _build.Value)[target];

    /// <summary>
    /// Returns the command that runs a program as its image does: with the variables of the base image, then those of the Dockerfile, then these, and
    /// no others.
    /// </summary>
    public async Task<IReadOnlyList<string>> CommandAsync(string target, IReadOnlyDictionary<string, string>? more = null)
    {
        var published = await _build.Value;
        var history = Dockerfile.Read().History(target);
        var entry = JsonSerializer.Deserialize<string[]>(history.Single(instruction => instruction.Word == "ENTRYPOINT").Text)!;
        var variables = new Dictionary<string, string>
        {
            ["APP_UID"] = $"{Confinement.User}",
            ["ASPNETCORE_HTTP_PORTS"] = "8080",
            ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
        };
        foreach (var pair in history.Where(instruction => instruction.Word == "ENV").SelectMany(instruction => instruction.Text.Split(' ')))
        {
            variables[pair.Split('=')[0]] = pair.Split('=')[1];
        }

        foreach (var (name, value) in more ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        return await Confinement.AroundAsync(published[target], entry[1], variables);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("/bin/chmod", "-R", "u+w", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Dictionary<string, string>> BuildAsync()
    {
        var build = new ImageBuild(_folder);
        await build.RunAsync(Dockerfile.Read(), "publish-silo", "publish-gateway");
        var published = new Dictionary<string, string>
        {
            ["silo"] = build.Published("publish-silo"),
            ["gateway"] = build.Published("publish-gateway"),
        };

        // The files are readable for every user and writable for none.
        await RunAsync("/bin/chmod", "u=rwx,go=rx", _folder);
        await RunAsync("/bin/chmod", ["-R", "a=rX", .. published.Values]);
        return published;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var command = Command.Start(program, arguments);
        await command.EndsWellAsync(TimeSpan.FromMinutes(2));
    }
}
