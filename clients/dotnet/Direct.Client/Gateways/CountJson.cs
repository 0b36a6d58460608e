namespace Direct.Client;

/// <summary>Represents the answer of <c>/!direct-users</c> with <c>count=1</c>.</summary>
internal sealed record CountJson(int Connections, int Users, int Gateways, bool Complete, IReadOnlyList<string> Missing);
