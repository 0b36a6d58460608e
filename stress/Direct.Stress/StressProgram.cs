using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Reports;
using Direct.Stress.Runs;

namespace Direct.Stress;

/// <summary>The program: reads the command line, runs, reports.</summary>
internal static class StressProgram
{
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var command = new StressCommand();
        var parsed = command.Root.Parse(arguments);
        if (parsed.Action is not null && parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = error }, cancellationToken); // --help, --version
        }

        if (command.Read(parsed, out var errors) is not { } options)
        {
            return await RefuseAsync(error, errors);
        }

        using var server = new ServerProbe();
        if (server.Open(options.ServerPids) is { Count: > 0 } unknown)
        {
            return await RefuseAsync(error, [.. unknown.Select(static id => OptionKinds.Wrong("--server-pid", $"{id}", "a running process"))]);
        }

        var run = await StressRun.RunAsync(options, server, cancellationToken);
        var report = ReportBuilder.Build(options, run);
        await output.WriteLineAsync(ReportJson.Write(report));
        return ExitCode(report);
    }

    private static int ExitCode(StressReport report)
    {
        if (report.Connections is { Succeeded: 0, Failed: > 0 })
        {
            return ExitCodes.Nothing;
        }

        return report.Thresholds.All(static threshold => threshold.Passed) ? ExitCodes.Good : ExitCodes.Missed;
    }

    private static async Task<int> RefuseAsync(TextWriter error, IEnumerable<string> errors)
    {
        foreach (var line in errors)
        {
            await error.WriteLineAsync(line);
        }

        await error.WriteLineAsync("See --help.");
        return ExitCodes.Nothing;
    }
}
