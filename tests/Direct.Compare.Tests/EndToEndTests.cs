using System.Text.Json;
using System.Xml.Linq;
using Direct.Compare.Servers;
using Direct.Compare.Tests.Servers;
using Direct.Testing.Processes;

namespace Direct.Compare.Tests;

/// <summary>Tests that a smallest real comparison runs. It does not check speed.</summary>
public sealed class EndToEndTests
{
    private const string Setting = "Direct:Limits:MaxConnections=500";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4); // a cluster takes up to a minute to start

    [Fact]
    public async Task Compare_OneTinyRound_MeasuresBothAndWritesThreeFiles()
    {
        Floor.SkipWithoutCompiler();
        var folder = Directory.CreateTempSubdirectory("direct-compare-tests-");

        var (exitCode, _, errors) = await RunAsync(
            "--scenarios=A1,A64,E,embedded-D,direct2-A1", "--runs=1", "--duration=1", "--warmup=0.2", "--scale=0.01", "--server-core=any", "--loader-core=any",
            FormattableString.Invariant($"--port={Math.Min(FreePort.Take(), 30_000)}"),
            "--variant", "one=", "--variant", $"two={Setting}",
            $"--output={folder.FullName}");

        Assert.True(exitCode == 0, errors);
        var page = Read("*-compare.md");
        XDocument.Parse(Read("*-compare.svg"));
        using var raw = JsonDocument.Parse(Read("*-compare.json"));
        folder.Delete(recursive: true);
        var measurements = raw.RootElement.GetProperty("measurements").EnumerateArray().ToArray();
        Assert.All(measurements, measurement => Assert.Equal(JsonValueKind.Null, measurement.GetProperty("failure").ValueKind));
        Assert.Equal(
            ["A1 floor", "A1 one", "A1 two", "A64 floor-coalescing", "A64 one", "A64 two", "E floor", "E one", "E two", "embedded-D one",
                "embedded-D embedded", "direct2-A1 original", "direct2-A1 direct.2"],
            measurements.Select(measurement => $"{measurement.GetProperty("scenario")} {measurement.GetProperty("server")}"));
        Assert.All(measurements, measurement => Assert.True(
            measurement.GetProperty("values").GetProperty("deliveriesPerSecond").GetDouble() > 0, measurement.ToString()));
        Assert.Equal(
            ["direct.2"],
            measurements.Where(SpeaksDirect2).Select(measurement => measurement.GetProperty("server").GetString()));
        Assert.DoesNotContain("not measured", page, StringComparison.Ordinal);
        Assert.Contains("the figures are not valid", page, StringComparison.Ordinal);
        Assert.Contains("Direct.Gateway.dll port={port} cluster=none env=test Direct:Endpoints:Address=127.0.0.1 " + Setting, page);
        Assert.Contains("Direct.Gateway.dll port={port} env=test Direct:Endpoints:Address=127.0.0.1`", page, StringComparison.Ordinal);

        string Read(string pattern) => File.ReadAllText(Assert.Single(folder.GetFiles(pattern)).FullName);
    }

    [Fact]
    public async Task Compare_AClusterAndItsPeer_MeasuresBothAndNeitherLosesAnything()
    {
        Peer.SkipWithoutPrograms();
        var folder = Directory.CreateTempSubdirectory("direct-compare-tests-");

        var (exitCode, _, errors) = await RunAsync(
            "--peer=bun-redis", "--scenarios=2G-E,2G-E-1000,2G-D,2G-rooms-of-one", "--runs=1", "--duration=1", "--warmup=0.2", "--scale=0.02",
            "--server-core=any", "--loader-core=any", FormattableString.Invariant($"--port={Math.Min(FreePort.Take(), 30_000)}"),
            $"--output={folder.FullName}");

        Assert.True(exitCode == 0, errors);
        using var raw = JsonDocument.Parse(File.ReadAllText(Assert.Single(folder.GetFiles("*-compare.json")).FullName));
        var page = File.ReadAllText(Assert.Single(folder.GetFiles("*-compare.md")).FullName);
        folder.Delete(recursive: true);
        var measurements = raw.RootElement.GetProperty("measurements").EnumerateArray().ToArray();
        Assert.All(measurements, measurement => Assert.Equal(JsonValueKind.Null, measurement.GetProperty("failure").ValueKind));
        Assert.Equal(
            ["2G-E cluster", "2G-E-1000 cluster", "2G-D cluster", "2G-rooms-of-one cluster", "2G-E bun-redis", "2G-E-1000 bun-redis",
                "2G-D bun-redis", "2G-rooms-of-one bun-redis"],
            measurements.Select(measurement => $"{measurement.GetProperty("scenario")} {measurement.GetProperty("server")}"));
        Assert.All(
            measurements.SelectMany(measurement => measurement.GetProperty("runs").EnumerateArray()),
            run => Assert.Equal(0, run.GetProperty("report").GetProperty("lost").GetInt64()));
        Assert.DoesNotContain("not measured", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_WrongArguments_EndsWith2AndSaysEach()
    {
        var (exitCode, output, errors) = await RunAsync("--runs=0", "--floor=x");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal(2, errors.Split('\n').Count(line => line.StartsWith("compare: ", StringComparison.Ordinal)));
    }

    private static bool SpeaksDirect2(JsonElement measurement) => measurement.GetProperty("runs").EnumerateArray().All(static run =>
        run.GetProperty("report").TryGetProperty("direct2", out var value) && value.ValueKind is JsonValueKind.Object);

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        var folder = Path.Combine(Repository.Root, "stress", "Direct.Compare", "bin", Repository.Configuration, framework);
        var assembly = Path.Combine(folder, "Direct.Compare.dll");
        return ChildProcess.RunAsync([Repository.DotnetHost, assembly, .. arguments], null, Limit, TestContext.Current.CancellationToken);
    }
}
