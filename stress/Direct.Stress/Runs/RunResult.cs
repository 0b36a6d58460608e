namespace Direct.Stress.Runs;

/// <summary>Represents the result of a run.</summary>
/// <param name="Server">The use of the server; null if its processes were not given.</param>
/// <param name="WasStopped">Whether the run was ended early.</param>
internal sealed record RunResult(Totals Totals, ServerUse? Server, bool WasStopped);
