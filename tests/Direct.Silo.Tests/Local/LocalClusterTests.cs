using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Local;

/// <summary>The scripts of deploy/local, as a user runs them: from another folder, with a state folder of a name with a space.</summary>
public sealed class LocalClusterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("direct local ").FullName;

    [Fact]
    public async Task Up_OfAWholeCluster_IsReadyAndShownAndStopped()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var port = FreePort.Take();
        try
        {
            var up = await RunAsync("up", "--silos", "1", "--gateways", "1", "--port", $"{port}", "env=test");
            Assert.True(up.ExitCode == 0, up.Output);
            using var http = new HttpClient();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), TestContext.Current.CancellationToken)).StatusCode);

            using var status = await StatusAsync();
            var gateway = Assert.Single(status.RootElement.GetProperty("gateways").EnumerateArray());
            Assert.Equal(port, gateway.GetProperty("port").GetInt32());
            Assert.Single(status.RootElement.GetProperty("silos").EnumerateArray());
            Assert.True(status.RootElement.GetProperty("database").GetProperty("pid").GetInt32() > 0);

            var again = await RunAsync("up", "--port", $"{FreePort.Take()}");
            Assert.Equal(1, again.ExitCode);
            Assert.Contains("already", again.Output, StringComparison.Ordinal);

            using (var process = Process.GetProcessById(gateway.GetProperty("pid").GetInt32()))
            {
                process.Kill();
            }

            await Deadline.UntilAsync("the killed gateway has no process id", async () =>
            {
                using var now = await StatusAsync();
                return now.RootElement.GetProperty("gateways")[0].GetProperty("pid").ValueKind is JsonValueKind.Null;
            });
        }
        finally
        {
            var down = await RunAsync("down");
            Assert.True(down.ExitCode == 0, down.Output);
            Assert.DoesNotContain("was killed", down.Output, StringComparison.Ordinal);
        }

        var (_, line) = await RunAsync("status", "--json");
        Assert.Equal("""{"database":{"port":null,"pid":null},"silos":[],"gateways":[]}""", line.Trim());
    }

    [Theory]
    [InlineData("--silos", "none")]
    [InlineData("--port", "70000")]
    [InlineData("port=8085", "env=test")]
    [InlineData("everything", "env=test")]
    public async Task Up_WithWrongArguments_SaysSoAndStartsNothing(string first, string second)
    {
        var (exitCode, output) = await RunAsync("up", first, second);

        Assert.Equal(1, exitCode);
        Assert.Contains(first.Split('=')[0], output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<JsonDocument> StatusAsync() => JsonDocument.Parse((await RunAsync("status", "--json")).Output);

    private async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "local", script), arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DIRECT_LOCAL_DIR"] = _folder;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Deadline.RunAsync(
            string.Create(CultureInfo.InvariantCulture, $"deploy/local/{script} {process.Id} ends"),
            async token => await process.WaitForExitAsync(token),
            TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output + await errors);
    }
}
