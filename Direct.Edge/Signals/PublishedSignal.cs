namespace Direct.Edge.Signals;

/// <summary>Represents a signal whose publishing has been accepted or refused.</summary>
/// <param name="Completion">Completes when every gateway has acknowledged the signal, or the time to wait for that is over.</param>
internal readonly record struct PublishedSignal(Task<SignalResult> Completion);
