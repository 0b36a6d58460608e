namespace Direct.Compare.Scenarios;

/// <summary>Represents one figure of a scenario, and its target.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="IsRatio">Whether the figure is the ratio to the scenario's baseline; otherwise it is the value itself.</param>
/// <param name="IsAtLeast">Whether more is better.</param>
/// <param name="Reach">The target; null if the figure is only reported.</param>
/// <param name="Stretch">The further target.</param>
internal sealed record Figure(Metric Metric, bool IsRatio, bool IsAtLeast, double? Reach, double? Stretch)
{
    public static Figure RatioAtMost(Metric metric, double reach, double? stretch = null) => new(metric, true, false, reach, stretch);

    public static Figure RatioAtLeast(Metric metric, double reach, double? stretch = null) => new(metric, true, true, reach, stretch);

    public static Figure AtMost(Metric metric, double reach, double? stretch = null) => new(metric, false, false, reach, stretch);

    public static Figure AtLeast(Metric metric, double reach, double? stretch = null) => new(metric, false, true, reach, stretch);

    public static Figure Stated(Metric metric) => new(metric, false, false, null, null);

    /// <summary>Returns a ratio to the baseline without a limit.</summary>
    public static Figure StatedRatio(Metric metric) => new(metric, true, false, null, null);

    public bool Meets(double value, double limit) => IsAtLeast ? value >= limit : value <= limit;
}
