using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>The programs as they are put into images, built once for all tests.</summary>
public sealed class PublishedPrograms : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("direct-images-").FullName;
    private readonly Dictionary<string, string> _published = [];

    /// <summary>Why there are no images of the cluster's programs; null when there are.</summary>
    public string? WhyMissing { get; private set; }

    /// <summary>A program's folder, which nobody may write to.</summary>
    public string this[string target]
    {
        get
        {
            Assert.SkipWhen(!_published.ContainsKey(target), $"the packages of Direct.{target} cannot be had here: {WhyMissing}");
            return _published[target];
        }
    }

    public async ValueTask InitializeAsync()
    {
        await PublishStandaloneAsync();
        var build = new ImageBuild(_folder);
        WhyMissing = await build.RunAsync(Dockerfile.Read(), "publish-silo", "publish-gateway");
        if (WhyMissing is null)
        {
            _published["silo"] = build.Published("publish-silo");
            _published["gateway"] = build.Published("publish-gateway");
        }

        // Everybody may read and go in, nobody may write.
        await RunAsync("/bin/chmod", "u=rwx,go=rx", _folder);
        await RunAsync("/bin/chmod", ["-R", "a=rX", .. _published.Values]);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("/bin/chmod", "-R", "u+w", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    // It has no image: it is the one program that can be published on every machine. Built already, with these tests.
    private async Task PublishStandaloneAsync()
    {
        _published["standalone"] = Path.Combine(_folder, "standalone");
        await RunAsync(
            Repository.DotnetHost,
            "publish", "Direct.Standalone", "-c", Repository.Configuration, "--no-build", "-p:UseAppHost=false", "-o", _published["standalone"]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var command = Command.Start(program, arguments);
        await command.EndsWellAsync(TimeSpan.FromMinutes(2));
    }
}
