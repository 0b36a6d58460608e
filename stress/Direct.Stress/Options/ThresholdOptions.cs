namespace Direct.Stress.Options;

/// <summary>What a run must keep to be good; null is not checked.</summary>
internal sealed record ThresholdOptions
{
    /// <summary>Gets or sets connections that may fail, or be ended by the server.</summary>
    public long? MaxFailed { get; init; } = 0;

    public long? MaxLost { get; init; }

    public long? MaxDuplicated { get; init; }

    public long? MaxReordered { get; init; }

    /// <summary>Milliseconds.</summary>
    public double? MaxP99Ms { get; init; }

    /// <summary>Deliveries per second.</summary>
    public double? MinRate { get; init; }

    /// <summary>Milliseconds.</summary>
    public double? MaxConnectP95Ms { get; init; }
}
