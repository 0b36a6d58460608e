using Direct.Compare.Scenarios;

namespace Direct.Compare.Options;

/// <summary>Specifies what is measured, and how.</summary>
internal sealed record CompareOptions
{
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    public required IReadOnlyList<Variant> Variants { get; init; }

    public int Runs { get; init; } = 5;

    public double DurationSeconds { get; init; } = 6;

    public double WarmupSeconds { get; init; } = 2;

    /// <summary>Gets the divisor of connections and rates; 1 for valid figures.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Gets the cores in the form of <c>taskset -c</c>; null for no pinning.</summary>
    public string? ServerCore { get; init; }

    public string? LoaderCore { get; init; }

    /// <summary>Gets the command of the floor server with <c>{port}</c> and optionally <c>{coalesce}</c>; null for the built-in one.</summary>
    public string? Floor { get; init; }

    /// <summary>Gets the name of the peer that clusters are compared with; null for none.</summary>
    public string? Peer { get; init; }

    /// <summary>Gets the load tool's command; null for Direct.Stress.</summary>
    public string? Loader { get; init; }

    /// <summary>Gets the first port that servers listen on.</summary>
    public int Port { get; init; } = 18_400;

    /// <summary>Gets the folder for all results; null for <c>stress/results</c>, with the raw measurements under <c>artifacts/compare</c>.</summary>
    public string? Output { get; init; }
}
