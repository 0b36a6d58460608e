namespace Direct.Stress.Options;

/// <summary>Sizes by one word. Whatever is given as an option of its own wins.</summary>
internal sealed record Preset(string Name, int Connections, int Batch, int DelayMs)
{
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("1k", 1_000, 100, 100),
        new("5k", 5_000, 250, 100),
        new("10k", 10_000, 500, 100),
    ];
}
