using System.Diagnostics;
using System.Globalization;
using Direct.Stress.Options;
using Direct.Stress.Runs;
using Spectre.Console;

namespace Direct.Stress.Reports;

/// <summary>Shows the progress of a run: a table that is updated in a terminal, otherwise lines on standard error.</summary>
internal sealed class LiveView(StressOptions options, StressRun run)
{
    private static readonly TimeSpan TableInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private ProgressSum _last = ProgressSum.Of([]);
    private TimeSpan _lastAt;

    /// <summary>Updates the view until the task has ended.</summary>
    public Task DrawAsync(IAnsiConsole console, Task running) => console.Live(MakeTable()).AutoClear(true).StartAsync(async context =>
    {
        while (!await EndsWithinAsync(running, TableInterval))
        {
            context.UpdateTarget(MakeTable());
        }
    });

    public async Task WriteLinesAsync(TextWriter error, Task running)
    {
        while (!await EndsWithinAsync(running, LineInterval))
        {
            await error.WriteLineAsync(string.Join("  ", Rows().Select(static row => $"{row.Name} {row.Text}")));
        }
    }

    private Table MakeTable()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        foreach (var (name, text) in Rows())
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(text));
        }

        return table;
    }

    private List<(string Name, string Text)> Rows()
    {
        var (now, at) = (ProgressSum.Of(run.Progress), _watch.Elapsed);
        var seconds = Math.Max(0.001, (at - _lastAt).TotalSeconds);
        List<(string Name, string Text)> rows =
        [
            ("time", string.Create(CultureInfo.InvariantCulture, $"{at:hh\\:mm\\:ss}")),
            ("phase", now.Phase),
            ("connections", Connections(now)),
            ("failed", Whole(now.Failed)),
            ("sent", $"{Whole(now.Sent)} ({Whole((now.Sent - _last.Sent) / seconds)}/s)"),
            ("received", $"{Whole(now.Received)} ({Whole((now.Received - _last.Received) / seconds)}/s)"),
            ("errors", Whole(now.Errors)),
        ];
        (_last, _lastAt) = (now, at);
        return rows;
    }

    private string Connections(ProgressSum now) =>
        options.Scenario is ScenarioName.Connect ? Whole(now.Succeeded) : $"{Whole(now.Ready)} of {Whole(options.Connections)}";

    private static async Task<bool> EndsWithinAsync(Task running, TimeSpan time) =>
        await Task.WhenAny(running, Task.Delay(time)) == running;

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
