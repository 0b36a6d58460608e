namespace Direct.Stress.Options;

/// <summary>Contains the thresholds of a run. One that is null is not checked.</summary>
internal sealed record ThresholdOptions
{
    /// <summary>Gets the number of connections that may fail, or be ended by the server.</summary>
    public long? MaxFailed { get; init; } = 0;

    public long? MaxLost { get; init; }

    public long? MaxDuplicated { get; init; }

    public long? MaxReordered { get; init; }

    /// <summary>Gets the largest latency in milliseconds.</summary>
    public double? MaxP99Ms { get; init; }

    /// <summary>Gets the least number of deliveries per second.</summary>
    public double? MinRate { get; init; }

    /// <summary>Gets the largest time for connecting in milliseconds.</summary>
    public double? MaxConnectP95Ms { get; init; }
}
