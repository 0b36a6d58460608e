namespace Direct.Edge.Signals;

/// <summary>A signal whose publishing has been accepted or refused.</summary>
/// <param name="Completion">Completes when every gateway has acknowledged it, or the wait for that is over.</param>
internal readonly record struct PublishedSignal(Task<SignalResult> Completion);
