using Direct.Compare.Machines;
using Direct.Compare.Options;

namespace Direct.Compare.Results;

/// <summary>Represents the contents of a report.</summary>
/// <param name="Options">The options of the run.</param>
/// <param name="CommandLine">The command line.</param>
/// <param name="StartedAt">The start of the run.</param>
/// <param name="Machine">The machine of the run.</param>
/// <param name="Revision">The revision that was measured.</param>
/// <param name="Servers">The name of every server, and how it was started.</param>
/// <param name="Measurements">The measurements in their order.</param>
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
    /// <summary>Gets the name of the files: <c>2026-11-22-c4a2ac6-compare</c>.</summary>
    public string FileName => FormattableString.Invariant($"{StartedAt:yyyy-MM-dd}-{Revision.Commit}-compare");
}
