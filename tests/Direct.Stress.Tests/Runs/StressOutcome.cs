using System.Text.Json;
using Direct.Stress.Reports;

namespace Direct.Stress.Tests.Runs;

/// <summary>Represents the exit code and the output of the program.</summary>
internal sealed record StressOutcome(int ExitCode, string Output, string Error)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Gets the report of <c>--json</c>.</summary>
    public StressReport Report => JsonSerializer.Deserialize<StressReport>(Output, Options)!;

    /// <summary>Runs the program until it exits.</summary>
    public static async Task<StressOutcome> RunAsync(params string[] arguments) => await RunUntilAsync(CancellationToken.None, arguments);

    /// <summary>Runs the program until <paramref name="stop"/> ends it, as Ctrl+C does.</summary>
    public static async Task<StressOutcome> RunUntilAsync(CancellationToken stop, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await new StressProgram(output, error, isTerminal: false).RunAsync(arguments, stop).WaitAsync(
            TimeSpan.FromSeconds(60), CancellationToken.None);
        return new StressOutcome(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Asserts that a run had no errors. Returns its report.</summary>
    public StressReport GoodReport()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Output}");
        var report = Report;
        Assert.Empty(report.Errors);
        Assert.Equal((0L, 0L), (report.Connections.Failed, report.Connections.Ended));
        return report;
    }

    public override string ToString() => $"{ExitCode}: {Output}{Error}";
}
