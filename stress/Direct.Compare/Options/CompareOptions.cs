using Direct.Compare.Scenarios;

namespace Direct.Compare.Options;

/// <summary>What is to be measured, and how.</summary>
internal sealed record CompareOptions
{
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    public required IReadOnlyList<Variant> Variants { get; init; }

    public int Runs { get; init; } = 5;

    public double DurationSeconds { get; init; } = 6;

    public double WarmupSeconds { get; init; } = 2;

    /// <summary>Of connections and rates; 1 for figures that count.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>As <c>taskset -c</c> takes them; null for no pinning.</summary>
    public string? ServerCore { get; init; }

    public string? LoaderCore { get; init; }

    /// <summary>Gets or sets a command with <c>{port}</c> and perhaps <c>{coalesce}</c>; null for our own.</summary>
    public string? Floor { get; init; }

    /// <summary>What clusters are measured beside, by its name; null for nothing.</summary>
    public string? Peer { get; init; }

    /// <summary>Gets or sets the load tool's command; null for Direct.Stress.</summary>
    public string? Loader { get; init; }

    /// <summary>Gets or sets the first port that servers listen on.</summary>
    public int Port { get; init; } = 18_400;

    /// <summary>Gets or sets a folder for all results; null for <c>stress/results</c>, the raw measurements under <c>artifacts/compare</c>.</summary>
    public string? Output { get; init; }
}
