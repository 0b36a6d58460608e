using Xunit;

namespace Direct.Testing;

/// <summary>
/// Checks the lines of a console log. xunit's own check shows the first 50 characters of the unwanted line, and not those that follow it, which have the text
/// and the exception.
/// </summary>
public static class LogLines
{
    /// <summary>Returns whether a line begins an entry of level Error or Critical.</summary>
    public static bool IsError(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal);
    }

    /// <summary>Returns whether a line begins an entry of level Warning or above that says more than that the machine is slow.</summary>
    public static bool IsWarningOrError(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return (line.StartsWith("warn:", StringComparison.Ordinal) && !IsSlowness(line)) || IsError(line);
    }

    /// <summary>
    /// Returns whether a line begins a warning of Orleans that a turn or a pause took longer than a second, or that the thread pool was late, as on a busy machine.
    /// </summary>
    public static bool IsSlowness(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith("warn: Orleans.Runtime.Scheduler.WorkItemGroup[", StringComparison.Ordinal)
            || line.StartsWith("warn: Orleans.Runtime.Watchdog[", StringComparison.Ordinal)
            || line.StartsWith("warn: Orleans.Runtime.MembershipService.LocalSiloHealthMonitor[", StringComparison.Ordinal);
    }

    /// <summary>Fails if there are unwanted lines. The message has them in full, each with the indented lines after it.</summary>
    /// <param name="lines">The log.</param>
    /// <param name="isUnwanted">Whether a line is unwanted.</param>
    public static void AssertNone(IEnumerable<string> lines, Func<string, bool> isUnwanted)
    {
        var shown = Entries(lines, isUnwanted);
        Assert.True(shown.Count == 0, $"unwanted lines:\n{string.Join('\n', shown)}");
    }

    /// <summary>Returns the entries that begin with certain lines, each with the indented lines after it.</summary>
    /// <param name="lines">The log.</param>
    /// <param name="isWanted">Whether a line is wanted.</param>
    public static IReadOnlyList<string> Entries(IEnumerable<string> lines, Func<string, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(isWanted);
        List<string> entries = [];
        var isInside = false;
        foreach (var line in lines)
        {
            if (isWanted(line))
            {
                entries.Add(line);
                isInside = true;
            }
            else if (isInside && line.StartsWith(' '))
            {
                entries[^1] += $"\n{line}";
            }
            else
            {
                isInside = false;
            }
        }

        return entries;
    }
}
