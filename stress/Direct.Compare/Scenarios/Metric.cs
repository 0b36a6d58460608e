namespace Direct.Compare.Scenarios;

/// <summary>Specifies what a run measures. Times are processor times unless the name contains latency.</summary>
internal enum Metric
{
    /// <summary>Processor time of all processes of the server, in µs.</summary>
    CpuPerDelivery,

    DeliveriesPerSecond,

    /// <summary>The ratio of deliveries per second to those offered.</summary>
    DeliveredShare,

    /// <summary>In ms.</summary>
    LatencyP50,

    /// <summary>In ms.</summary>
    LatencyP99,

    /// <summary>The resident memory of each further connection, in KB.</summary>
    MemoryPerConnection,

    /// <summary>The processor time of the connecting phase, in µs.</summary>
    CpuPerConnection,

    /// <summary>In µs.</summary>
    CpuPerSignal,

    /// <summary>The processor time of a message to a room with all its deliveries, in µs.</summary>
    CpuPerMessage,

    /// <summary>The number of answered signals.</summary>
    SignalsPerSecond,

    /// <summary>The ratio of the others' latency after one member of the room stopped reading to that before.</summary>
    LatencyAfterStop,

    /// <summary>The difference of resident memory after one member stopped reading, in MB.</summary>
    MemoryAfterStop,

    /// <summary>1 if the member that stopped reading was disconnected, otherwise 0.</summary>
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
