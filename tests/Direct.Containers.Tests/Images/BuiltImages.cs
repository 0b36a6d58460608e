using Direct.Containers.Tests.Engine;
using Direct.Testing.Processes;
using Direct.Testing.Runs;

namespace Direct.Containers.Tests.Images;

/// <summary>
/// Provides the images of silo and gateway, built with deploy/Dockerfile before the first test. They are based on stand-ins for published images:
/// existing ones of <c>deploy/stand-ins</c>, or new ones.
/// </summary>
public sealed class BuiltImages
{
    // On an idle machine of two cores, the stand-ins and both images took 260 s together. Beside other tests, one image took more than 270 s.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromMinutes(20);
    private static readonly string[] StandIns = ["sdk", "aspnet", "mysql", "haproxy"];

    // Names the variable with the tag of existing images of silo and gateway, for repeated runs of these tests.
    private const string Variable = "DIRECT_TEST_IMAGES";

    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } tag ? tag : null;

    private readonly ContainerEngine _engine;
    private string? _whyMissing;
    private string _standInTag = "local";

    internal BuiltImages(ContainerEngine engine) => _engine = engine;

    public string Gateway => $"direct-gateway:{Tag}";

    public string Silo => $"direct-silo:{Tag}";

    public string Tag => Given ?? _engine.Id;

    /// <summary>Returns the image that replaces a published one: sdk, aspnet, mysql or haproxy.</summary>
    public string StandIn(string name) => $"direct-stand-in-{name}:{_standInTag}";

    /// <summary>Skips the test when the images could not be built.</summary>
    public void Require()
    {
        _engine.Require();
        Assert.SkipWhen(_whyMissing is not null, _whyMissing ?? "");
    }

    /// <summary>Builds the images. Before the first test, because the build takes minutes on a busy machine, which would count as that test's time.</summary>
    internal async Task BuildAsync() => _whyMissing = await TryBuildAsync();

    private async Task<string?> TryBuildAsync()
    {
        if (await WhyNoStandInsAsync() is { } why)
        {
            return why;
        }

        var (code, output) = await _engine.TryAsync("run", "--rm", "--name", $"{_engine.Id}-probe", "--network", "none", StandIn("aspnet"), "dotnet", "--list-runtimes");
        if (code != 0)
        {
            return $"no container can be started here: {output}";
        }

        if (Given is not null)
        {
            return null;
        }

        await BuildAsync("silo", Silo);
        await BuildAsync("gateway", Gateway);
        return null;
    }

    private async Task<string?> WhyNoStandInsAsync()
    {
        foreach (var name in StandIns)
        {
            if (await _engine.TryAsync("image", "inspect", StandIn(name)) is not (0, _))
            {
                return await MakeStandInsAsync();
            }
        }

        return null;
    }

    private async Task<string?> MakeStandInsAsync()
    {
        if (!Environment.IsPrivilegedProcess || InstalledProgram.Find("mmdebstrap") is null || InstalledProgram.Find("apt-get") is null)
        {
            return "the base images need root on Debian and mmdebstrap (apt-get install mmdebstrap), or an earlier run of deploy/stand-ins";
        }

        _standInTag = _engine.Id;
        await using var script = _engine.Start(
            Path.Combine(Repository.Root, "deploy", "stand-ins"), [_standInTag], more: new Dictionary<string, string> { ["CONTAINER_ENGINE"] = _engine.Name });
        await EndsWellAsync(script);
        return null;
    }

    private async Task BuildAsync(string target, string image)
    {
        // Packages of this machine are not downloaded again. Docker has no such option, but caches of its own.
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] more = _engine.IsPodman && Directory.Exists(packages) ? ["--volume", $"{packages}:/root/.nuget/packages"] : [];
        await using var build = _engine.Start(
        [
            "build", "--file", "deploy/Dockerfile", "--target", target, "--tag", image,
            "--build-arg", $"SDK_IMAGE={StandIn("sdk")}", "--build-arg", $"ASPNET_IMAGE={StandIn("aspnet")}",
            .. more, ".",
        ]);
        await EndsWellAsync(build);
    }

    private static async Task EndsWellAsync(Command build)
    {
        await using var progress = new Timer(static _ => RunProgress.Report(), null, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await build.EndsWellAsync(LongestBuild);
    }
}
