namespace Direct.Stress.Runs;

/// <summary>Contains the times at which to send and to count, in ticks of the machine's monotonic clock.</summary>
internal sealed record StartOrder(long SendFrom, long WindowStart, long WindowEnd);
