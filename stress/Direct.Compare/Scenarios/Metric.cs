namespace Direct.Compare.Scenarios;

/// <summary>What a run measures. Times are of the processor unless the name says latency.</summary>
internal enum Metric
{
    /// <summary>Of all processes of the server, in µs.</summary>
    CpuPerDelivery,

    DeliveriesPerSecond,

    /// <summary>Deliveries per second over those that were offered.</summary>
    DeliveredShare,

    /// <summary>In ms.</summary>
    LatencyP50,

    /// <summary>In ms.</summary>
    LatencyP99,

    /// <summary>Resident memory that each further connection takes, in KB.</summary>
    MemoryPerConnection,

    /// <summary>In µs, of the connecting phase.</summary>
    CpuPerConnection,

    /// <summary>In µs.</summary>
    CpuPerSignal,

    /// <summary>Of a message to a room, with all its deliveries, in µs.</summary>
    CpuPerMessage,

    /// <summary>Signals that were answered.</summary>
    SignalsPerSecond,

    /// <summary>The others' latency after one of the room stopped reading, over that before.</summary>
    LatencyAfterStop,

    /// <summary>Resident memory after one stopped reading less that before, in MB.</summary>
    MemoryAfterStop,

    /// <summary>1 when the one who stopped reading was cut off, else 0.</summary>
    CutOff,
}

internal static class Metrics
{
    public static string Unit(this Metric metric) => metric switch
    {
        Metric.CpuPerDelivery or Metric.CpuPerMessage or Metric.CpuPerConnection or Metric.CpuPerSignal => "µs",
        Metric.LatencyP50 or Metric.LatencyP99 => "ms",
        Metric.MemoryPerConnection => "KB",
        Metric.MemoryAfterStop => "MB",
        Metric.DeliveriesPerSecond or Metric.SignalsPerSecond => "/s",
        _ => "",
    };
}
