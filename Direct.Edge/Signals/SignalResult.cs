using Direct.Edge.Backplane;

namespace Direct.Edge.Signals;

/// <summary>The result of publishing a signal.</summary>
/// <param name="Status">Whether it was published at all.</param>
/// <param name="Receipt">Its receipt, as far as known.</param>
/// <param name="PendingGateways">Gateways that have not acknowledged in time; empty when all have.</param>
internal readonly record struct SignalResult(SignalStatus Status, Receipt Receipt, IReadOnlyList<string> PendingGateways);
