using System.Globalization;
using System.Xml.Linq;
using Direct.Testing.Tests.Scenarios;
using Direct.Testing.Time;

namespace Direct.Testing.Tests;

/// <summary>Tests test processes that fail, hang or are killed, and the processes that they have started.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task TestProcess_IsKilled_EverythingItStartedEnds()
    {
        await using var run = ScenarioRun.Start("wait", limit: "00:05:00");
        var family = await run.FamilyAsync();
        Assert.All(family, pid => Assert.True(IsRunning(pid)));

        await run.KillAsync();

        await HasEndedAsync(family);
    }

    [Fact]
    public async Task Test_TakesTooLong_IsNamedAndFailedAndEndedWithEverythingItStarted()
    {
        await using var run = ScenarioRun.Start("spin");
        var family = await run.FamilyAsync();

        var report = await run.ReportAsync();

        Assert.Equal((1, 1, 0), Counts(report));
        var failed = Assert.Single(report.Descendants("test"), element => (string?)element.Attribute("result") == "Fail");
        Assert.Equal($"{typeof(Spinning).FullName}.{nameof(Spinning.Spin)}", (string?)failed.Attribute("name"));
        Assert.Contains("took longer than 00:00:05", failed.Value, StringComparison.Ordinal);
        Assert.All(family, pid => Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" {pid} "), failed.Value, StringComparison.Ordinal));
        await HasEndedAsync(family);
    }

    [Fact]
    public async Task Tests_LeaveProcessesBehind_IsAnErrorThatNamesThem()
    {
        await using var run = ScenarioRun.Start("leave", limit: "00:05:00");
        var family = await run.FamilyAsync();

        var report = await run.ReportAsync();

        Assert.Equal((1, 0, 1), Counts(report));
        Assert.All(family, pid => Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $" {pid} "), report.Element("errors")!.Value, StringComparison.Ordinal));
        await HasEndedAsync(family);
    }

    private static (int Passed, int Failed, int Errors) Counts(XElement assembly) =>
        ((int)assembly.Attribute("passed")!, (int)assembly.Attribute("failed")!, (int)assembly.Attribute("errors")!);

    private static Task HasEndedAsync(int[] family) => Deadline.UntilAsync(
        "everything it started has ended", () => !family.Any(IsRunning), actual: () => string.Join(' ', family.Where(IsRunning)));

    // A process that has ended has no command line, even while its exit code has not been read.
    private static bool IsRunning(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
