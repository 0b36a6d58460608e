namespace Direct.Client;

/// <summary>Represents the answer to a recheck of rights.</summary>
/// <param name="Checked">How many memberships were looked up.</param>
/// <param name="Removed">How many of them had lost the right and were removed.</param>
/// <param name="Gateways">How many gateways took part.</param>
public sealed record RecheckResult(int Checked, int Removed, int Gateways);
