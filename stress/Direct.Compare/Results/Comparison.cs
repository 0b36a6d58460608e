using Direct.Compare.Machines;
using Direct.Compare.Options;

namespace Direct.Compare.Results;

/// <summary>Everything that a report is made of.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="CommandLine">As it was given.</param>
/// <param name="StartedAt">When.</param>
/// <param name="Machine">Where.</param>
/// <param name="Revision">Of what.</param>
/// <param name="Servers">Every server's name and how it was started.</param>
/// <param name="Measurements">In the order in which they were made.</param>
/// <param name="Notes">What was left out, and why.</param>
internal sealed record Comparison(
    CompareOptions Options,
    string CommandLine,
    DateTime StartedAt,
    Machine Machine,
    Revision Revision,
    IReadOnlyList<(string Name, string Command)> Servers,
    IReadOnlyList<Measurement> Measurements,
    IReadOnlyList<string> Notes)
{
    /// <summary>What its files are called: <c>2026-11-22-c4a2ac6-compare</c>.</summary>
    public string FileName => FormattableString.Invariant($"{StartedAt:yyyy-MM-dd}-{Revision.Commit}-compare");
}
