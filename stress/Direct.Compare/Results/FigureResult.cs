using Direct.Compare.Scenarios;

namespace Direct.Compare.Results;

/// <summary>What came of one figure for one server.</summary>
/// <param name="Scenario">Whose figure.</param>
/// <param name="Figure">Which.</param>
/// <param name="Server">Of whom.</param>
/// <param name="Value">What it was.</param>
/// <param name="Baseline">What it was for the scenario's baseline, if that was measured.</param>
/// <param name="Ratio">The one's median over the other's.</param>
/// <param name="RoundRatios">The same, round by round.</param>
/// <param name="Verdict">Whether it was reached.</param>
/// <param name="Remarks">What speaks against relying on it.</param>
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
