namespace Direct.Client;

/// <summary>Represents the answer to a close of connections.</summary>
/// <param name="Closed">How many connections were open and are closing now.</param>
/// <param name="Gateways">How many gateways hold them.</param>
public sealed record CloseResult(int Closed, int Gateways);
