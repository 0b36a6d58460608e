using System.CommandLine;
using System.Net.Sockets;
using Direct.Stress.Links;
using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Reports;
using Direct.Stress.Runs;
using Spectre.Console;

namespace Direct.Stress;

/// <summary>Reads the command line, runs, and reports.</summary>
/// <param name="isTerminal">Whether the output is a terminal.</param>
internal sealed class StressProgram(TextWriter output, TextWriter error, bool isTerminal)
{
    // Without a terminal, lines may be as long as in a wide one.
    private const int FileColumns = 140;

    /// <summary>Returns the exit code: see <see cref="ExitCodes"/>.</summary>
    /// <param name="cancellationToken">Ends the run early. The report contains what has been measured until then.</param>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var command = new StressCommand();
        var parsed = command.Root.Parse(arguments);
        if (parsed.Action is not null && parsed.Errors.Count == 0)
        {
            // --help, --version
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, cancellationToken);
        }

        using var server = new ServerProbe();
        var options = command.Read(parsed, out var errors);
        if (options is null || (errors = [.. CheckSurroundings(options, server)]).Count > 0)
        {
            return await RefuseAsync(errors);
        }

        StressReport report;
        try
        {
            report = ReportBuilder.Build(options, await WatchAsync(options, server, cancellationToken));
        }
        catch (Exception exception)
        {
            await error.WriteLineAsync($"The run could not be finished: {exception}"); // an error of this tool and not of the server
            return ExitCodes.Nothing;
        }

        await WriteAsync(options, report);
        return ExitCode(report);
    }

    private async Task<RunResult> WatchAsync(StressOptions options, ServerProbe server, CancellationToken cancellationToken)
    {
        var run = new StressRun(options, server);
        var running = run.RunAsync(cancellationToken);
        var view = new LiveView(options, run);
        await (isTerminal && !options.Json ? view.DrawAsync(MakeConsole(), running) : view.WriteLinesAsync(error, running));
        return await running;
    }

    private async Task WriteAsync(StressOptions options, StressReport report)
    {
        if (!options.Json)
        {
            ReportTable.Write(MakeConsole(), report);
            return;
        }

        await output.WriteLineAsync(ReportJson.Write(report));
        foreach (var missed in report.Thresholds.Where(static threshold => !threshold.Passed))
        {
            await error.WriteLineAsync(ReportTable.Missed(missed));
        }

        if (ReportRows.Warning(report) is { } warning)
        {
            await error.WriteLineAsync(warning);
        }
    }

    private IAnsiConsole MakeConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        });
        console.Profile.Width = isTerminal ? console.Profile.Width : FileColumns;
        return console;
    }

    /// <summary>Returns errors for addresses that are unknown and processes that do not exist.</summary>
    private static IEnumerable<string> CheckSurroundings(StressOptions options, ServerProbe server)
    {
        foreach (var id in server.Open(options.ServerPids))
        {
            yield return OptionKinds.Wrong("--server-pid", $"{id}", "a running process");
        }

        var urls = options.Urls.Select(static url => ("--url", url)).Concat(options.SignalUrls.Select(static url => ("--signal-url", url)));
        foreach (var (name, url) in urls)
        {
            if (NameError(url) is { } nameError)
            {
                yield return $"{name}={url}: {nameError}";
            }
        }
    }

    private static string? NameError(string url)
    {
        try
        {
            Target.Resolve(new Uri(url));
            return null;
        }
        catch (SocketException exception)
        {
            return exception.Message;
        }
    }

    private static int ExitCode(StressReport report)
    {
        if (report.Connections is { Succeeded: 0, Failed: > 0 })
        {
            return ExitCodes.Nothing;
        }

        return report.Thresholds.All(static threshold => threshold.Passed) ? ExitCodes.Good : ExitCodes.Missed;
    }

    private async Task<int> RefuseAsync(IEnumerable<string> errors)
    {
        foreach (var line in errors)
        {
            await error.WriteLineAsync(line);
        }

        await error.WriteLineAsync("See --help.");
        return ExitCodes.Nothing;
    }
}
