namespace Direct.Stress.Options;

/// <summary>Defines named sizes. An option that is given has precedence.</summary>
internal sealed record Preset(string Name, int Connections, int Batch, int DelayMs)
{
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("1k", 1_000, 100, 100),
        new("5k", 5_000, 250, 100),
        new("10k", 10_000, 500, 100),
    ];
}
