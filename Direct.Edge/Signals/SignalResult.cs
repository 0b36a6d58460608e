using Direct.Edge.Backplane;

namespace Direct.Edge.Signals;

/// <summary>How publishing a signal ended.</summary>
/// <param name="Status">Whether it was published at all.</param>
/// <param name="Receipt">What is known of its delivery.</param>
/// <param name="PendingGateways">Gateways that have not acknowledged in time; empty when all have.</param>
internal readonly record struct SignalResult(SignalStatus Status, Receipt Receipt, IReadOnlyList<string> PendingGateways);
