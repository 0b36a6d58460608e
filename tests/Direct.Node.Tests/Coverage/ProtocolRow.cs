namespace Direct.Node.Tests.Coverage;

/// <summary>Represents one promise of the wire contract.</summary>
/// <param name="Name">Section and a short name, as tests refer to it.</param>
/// <param name="Promise">What a client or a backend may rely on.</param>
public sealed record ProtocolRow(string Name, string Promise)
{
    /// <summary>Tests of other projects that cover it, where one node alone cannot.</summary>
    public IReadOnlyList<TestElsewhere> Elsewhere { get; init; } = [];
}
