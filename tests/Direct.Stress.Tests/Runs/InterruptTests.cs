using System.Diagnostics;
using Direct.Stress.Tests.Servers;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests the program as a separate process that a signal ends.</summary>
public sealed class InterruptTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("INT", 1)]
    [InlineData("TERM", 1)]
    [InlineData("INT", 2)]
    public async Task Signal_WhileItRuns_EndsItWithTheReportSoFar(string signal, int processes)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        if (signal == "INT")
        {
            Interrupts.SkipWhenIgnored();
        }

        using var program = Process.Start(new ProcessStartInfo(
            Repository.DotnetHost,
            [
                typeof(StressProgram).Assembly.Location, "--scenario=room", $"--url={_server.Url}", "--connections=4", "--duration=3600",
                "--warmup=0", "--json", $"--processes={processes}",
            ])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            await Deadline.UntilAsync("messages", () => _server.Connections.Any(static connection => connection.Texts.Count > 5));

            using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{signal} {program.Id}")]);
            var outcome = await Deadline.RunAsync("the report", async cancellationToken =>
            {
                var output = await program.StandardOutput.ReadToEndAsync(cancellationToken);
                await program.WaitForExitAsync(cancellationToken);
                return new StressOutcome(program.ExitCode, output, "");
            });

            var report = outcome.GoodReport();
            Assert.True(report.Stopped);
            Assert.Equal((4L, 0L), (report.Connections.Succeeded, report.Lost));
        }
        finally
        {
            program.Kill(entireProcessTree: true);
        }
    }
}
