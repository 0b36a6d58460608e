using Direct.Edge.Backplane;

namespace Direct.Edge.Signals;

/// <summary>Represents the result of publishing a signal.</summary>
/// <param name="Status">Whether the signal was published.</param>
/// <param name="Receipt">The receipt, as far as it is known.</param>
/// <param name="PendingGateways">The gateways that have not acknowledged in time; empty if all have.</param>
internal readonly record struct SignalResult(SignalStatus Status, Receipt Receipt, IReadOnlyList<string> PendingGateways);
