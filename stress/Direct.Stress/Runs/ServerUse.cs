namespace Direct.Stress.Runs;

/// <summary>Represents what the server used while connections were opened, and in the window.</summary>
internal sealed record ServerUse(TimeSpan Connecting, TimeSpan InWindow, long KilobytesBefore, long KilobytesConnected, long KilobytesEnd);
