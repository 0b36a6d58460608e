namespace Direct.Client;

/// <summary>Represents how many connections match a part.</summary>
/// <param name="Connections">The matching connections.</param>
/// <param name="Users">Their users, each counted once.</param>
/// <param name="Gateways">The gateways that hold them.</param>
/// <param name="IsComplete">Whether every live gateway was counted.</param>
/// <param name="Missing">The names of the gateways that did not answer.</param>
public sealed record ConnectionCount(int Connections, int Users, int Gateways, bool IsComplete, IReadOnlyList<string> Missing);
