namespace Direct.Compare.Scenarios;

/// <summary>One figure of a scenario, and what is to be reached.</summary>
/// <param name="Metric">What is measured.</param>
/// <param name="IsRatio">Whether it is taken over that of the scenario's baseline; else it counts as it is.</param>
/// <param name="IsAtLeast">Whether more is better.</param>
/// <param name="Reach">The figure to reach; null when it is only to be stated.</param>
/// <param name="Stretch">Where to go next.</param>
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
