using Direct.Compare.Scenarios;

namespace Direct.Compare.Results;

/// <summary>Represents the result of one figure for one server.</summary>
/// <param name="Scenario">The scenario of the figure.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Server">The server.</param>
/// <param name="Value">The value.</param>
/// <param name="Baseline">The value of the scenario's baseline, if that was measured.</param>
/// <param name="Ratio">The ratio of the two medians.</param>
/// <param name="RoundRatios">The ratios of the single rounds.</param>
/// <param name="Verdict">Whether the figure was reached.</param>
/// <param name="Remarks">Reasons why the value may not be reliable.</param>
internal sealed record FigureResult(
    Scenario Scenario,
    Figure Figure,
    string Server,
    Statistics? Value,
    Statistics? Baseline,
    double? Ratio,
    Statistics? RoundRatios,
    Verdict Verdict,
    IReadOnlyList<string> Remarks);
