namespace Direct.Stress.Options;

/// <summary>Contains the options of a run. <see cref="StressCommand"/> describes each with its unit and default.</summary>
internal sealed record StressOptions
{
    public ScenarioName Scenario { get; init; }

    public IReadOnlyList<string> Urls { get; init; } = ["ws://localhost:8085/!direct"];

    /// <summary>Gets whether connections speak direct.2, and not the original dialect.</summary>
    public bool IsDirect2 { get; init; }

    /// <summary>Gets the connections per second that are ended and come back.</summary>
    public double ReconnectRate { get; init; }

    /// <summary>Gets the seconds from the end of a connection to the next one of its client.</summary>
    public double AwaySeconds { get; init; }

    public int Connections { get; init; } = 500;

    public int Batch { get; init; } = 50;

    /// <summary>Gets the milliseconds between batches; null if connections are opened as fast as possible.</summary>
    public int? DelayMs { get; init; } = 100;

    public double DurationSeconds { get; init; } = 10;

    public double WarmupSeconds { get; init; } = 1;

    public double ConnectTimeoutSeconds { get; init; } = 10;

    public int Rooms { get; init; } = 1;

    public int RoomsPerConnection { get; init; } = 1;

    public int Senders { get; init; } = 1;

    public int Window { get; init; } = 1;

    /// <summary>Gets the messages per second of all senders together; 0 for a closed loop.</summary>
    public double Rate { get; init; }

    public int PayloadBytes { get; init; } = 64;

    public int Callers { get; init; } = 16;

    public string? Part { get; init; }

    public int? Expect { get; init; }

    public IReadOnlyList<string> SignalUrls { get; init; } = [];

    public string? SignalKey { get; init; }

    public int Sources { get; init; } = 1;

    public int Processes { get; init; } = 1;

    public bool Insecure { get; init; }

    public bool Portable { get; init; }

    public IReadOnlyList<int> ServerPids { get; init; } = [];

    public bool Json { get; init; }

    public ThresholdOptions Thresholds { get; init; } = new();

    /// <summary>Gets whether signals go to a target that the user has chosen, and not to one connection for each caller.</summary>
    public bool HasPart => Part is not null;
}
