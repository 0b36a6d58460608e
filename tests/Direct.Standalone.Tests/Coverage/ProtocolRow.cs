namespace Direct.Standalone.Tests.Coverage;

/// <summary>One promise of the wire contract.</summary>
/// <param name="Name">Section and a short name, as tests refer to it.</param>
/// <param name="Promise">What a client or a backend may rely on.</param>
/// <param name="WaitsFor">Why nothing can show it yet, and which issue will; null when something can.</param>
public sealed record ProtocolRow(string Name, string Promise, string? WaitsFor = null)
{
    /// <summary>Tests of other projects that cover it, where one node alone cannot.</summary>
    public IReadOnlyList<TestElsewhere> Elsewhere { get; init; } = [];
}
