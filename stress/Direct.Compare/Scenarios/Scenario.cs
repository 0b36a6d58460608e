using System.Globalization;

namespace Direct.Compare.Scenarios;

/// <summary>Represents one row of the table of figures: the load on a server, and the metrics that are read.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    /// <summary>
    /// Gets the name that selects the scenario together with others: <c>T</c>, <c>embedded</c>, <c>2G</c>. If null, its own name selects it.
    /// </summary>
    public string? Group { get; init; }

    public required string Title { get; init; }

    public ScenarioKind Kind { get; init; }

    public Baseline Baseline { get; init; }

    /// <summary>Gets whether connections use TLS.</summary>
    public bool IsTls { get; init; }

    /// <summary>Gets whether the server is a gateway with a silo in the same process.</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>Gets whether both dialects are measured, on servers that accept direct.2.</summary>
    public bool IsDirect2 { get; init; }

    /// <summary>Gets the number of gateways, with two silos; 0 for a single node.</summary>
    public int Gateways { get; init; }

    public bool IsCluster => Gateways > 0;

    /// <summary>Gets the load tool's scenario: room, idle, connect, signal.</summary>
    public required string Load { get; init; }

    public int Connections { get; init; } = 1_000;

    /// <summary>Gets the number of connections of the second run of a <see cref="ScenarioKind.Slope"/>.</summary>
    public int MoreConnections { get; init; }

    public int Rooms { get; init; } = 1;

    public int Senders { get; init; } = 1;

    public int Window { get; init; } = 1;

    /// <summary>Gets the messages per second of all senders; 0 for a closed loop.</summary>
    public double Rate { get; init; }

    public int Callers { get; init; }

    public int PayloadBytes { get; init; } = 64;

    /// <summary>Gets the seconds before counting; null for those of the run.</summary>
    public double? WarmupSeconds { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>Gets the deliveries per second that its rate requires.</summary>
    public double OfferedPerSecond => Load is "room" ? Rate * Connections / Rooms : 0;

    /// <summary>Returns the same scenario with fewer connections and messages, for trying it out.</summary>
    public Scenario Scaled(double scale)
    {
        if (scale == 1)
        {
            return this;
        }

        var rooms = Rooms == 1 ? 1 : Fraction(Rooms, 2);
        return this with
        {
            Connections = Math.Max(Fraction(Connections, 4), 2 * rooms),
            MoreConnections = MoreConnections == 0 ? 0 : Fraction(MoreConnections, 16),
            Rooms = rooms,
            Senders = Math.Min(Senders, Rooms == 1 ? Fraction(Senders, 1) : rooms),
            Rate = Rate == 0 ? 0 : Math.Max(10, Rate * scale),
            Callers = Callers == 0 ? 0 : Fraction(Callers, 1),
            WarmupSeconds = null, // these figures are not used
        };

        int Fraction(int number, int atLeast) => Math.Max(atLeast, (int)(number * scale));
    }

    /// <summary>Returns the arguments for the load tool, except the addresses of the server.</summary>
    public IReadOnlyList<string> LoaderArguments(double durationSeconds, double warmupSeconds, int? connections = null)
    {
        List<string> arguments =
        [
            $"--scenario={Load}",
            Argument("--duration", durationSeconds),
            Argument("--warmup", WarmupSeconds ?? warmupSeconds),
            Argument("--batch", 100),
        ];
        if (Load is "signal")
        {
            AddUnless(Callers, "--connections", Connections);
            arguments.Add(Argument("--callers", Callers));
            arguments.Add(Argument("--payload", PayloadBytes));
            AddUnless(0, "--rate", Rate);
            return arguments;
        }

        arguments.Add(Argument("--connections", connections ?? Connections));
        if (Load is "room")
        {
            AddUnless(1, "--rooms", Rooms);
            arguments.Add(Argument("--senders", Senders));
            AddUnless(0, "--rate", Rate);
            if (Rate == 0)
            {
                arguments.Add(Argument("--window", Window));
            }

            arguments.Add(Argument("--payload", PayloadBytes));
        }

        return arguments;

        void AddUnless(double value, string name, double actual)
        {
            if (actual != value)
            {
                arguments.Add(Argument(name, actual));
            }
        }
    }

    private static string Argument(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value:0.###}");
}
