using Direct.Compare.Results;
using Direct.Compare.Servers;
using Direct.Compare.Tests.Results;

namespace Direct.Compare.Tests;

public sealed class ComparisonRunTests
{
    [Fact]
    public async Task Run_WithAPeerThatIsNotInstalled_GoesOnWithoutItAndSaysSo()
    {
        var folder = Directory.CreateTempSubdirectory("direct-compare-tests-");
        var checkout = new Checkout(folder.FullName);
        await WriteScriptAsync(checkout, "up", "echo 'no cluster here' >&2; exit 1");
        await WriteScriptAsync(checkout, "down", "exit 0");
        IReadOnlyList<Measurement> measurements = [];
        IReadOnlyList<string> notes = [];

        await new ComparisonRun(Given.Options("2G-E") with { Runs = 1, Loader = "true" }, checkout, TextWriter.Null).RunAsync(
            (measured, _, noted) => (measurements, notes) = (measured, noted), TestContext.Current.CancellationToken);

        folder.Delete(recursive: true);
        Assert.Equal(("cluster", "deploy/local/up: no cluster here"), Assert.Single(measurements.Select(measurement => (measurement.Server, measurement.Failure))));
        Assert.StartsWith("No peer, so the clusters are not compared: ", Assert.Single(notes), StringComparison.Ordinal);
        Assert.EndsWith("ioredis is missing; install it: npm ci --prefix stress/peer", notes[0], StringComparison.Ordinal);
    }

    private static async Task WriteScriptAsync(Checkout checkout, string name, string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(checkout.LocalCluster).FullName, name);
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{text}\n", cancellationToken);
        await ChildProcess.RunAsync(["chmod", "+x", path], null, TimeSpan.FromMinutes(1), cancellationToken);
    }
}
