namespace Direct.Stress.Runs;

/// <summary>A run that has ended.</summary>
/// <param name="Server">Null when nobody said which processes the server has.</param>
/// <param name="WasStopped">It was ended early.</param>
internal sealed record RunResult(Totals Totals, ServerUse? Server, bool WasStopped);
