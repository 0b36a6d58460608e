namespace Direct.Standalone.Tests.Coverage;

/// <summary>One promise of the wire contract.</summary>
/// <param name="Name">Section and a short name, as tests refer to it.</param>
/// <param name="Promise">What a client or a backend may rely on.</param>
/// <param name="WaitsFor">Why one node alone cannot show it, and which issue will; null when it can.</param>
public sealed record ProtocolRow(string Name, string Promise, string? WaitsFor = null);
