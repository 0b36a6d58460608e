namespace Direct.Model.Tests;

/// <summary>Specifies how a world runs.</summary>
internal sealed record ModelOptions
{
    /// <summary>Gets whether one failure happens at a time, the next when the cluster has copied again what the last one has destroyed. Then there must be no gap.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Gets the rule that is not in force.</summary>
    public Rule Without { get; init; }

    public bool IsTraced { get; init; }
}
