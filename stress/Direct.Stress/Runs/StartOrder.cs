namespace Direct.Stress.Runs;

/// <summary>When to send, and what to count, in ticks of the machine's monotonic clock.</summary>
internal sealed record StartOrder(long SendFrom, long WindowStart, long WindowEnd);
