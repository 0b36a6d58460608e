using System.Globalization;

namespace Direct.Compare.Scenarios;

/// <summary>One row of the table of figures: what is done to a server, and what is read off.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    /// <summary>Gets or sets the word that chooses it together with others: <c>T</c>, <c>embedded</c>, <c>2G</c>. Else its name.</summary>
    public string? Group { get; init; }

    public required string Title { get; init; }

    public ScenarioKind Kind { get; init; }

    public Baseline Baseline { get; init; }

    /// <summary>Through TLS.</summary>
    public bool IsTls { get; init; }

    /// <summary>On a gateway with a silo in the same process.</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>On so many gateways and two silos; 0 for a single node.</summary>
    public int Gateways { get; init; }

    public bool IsCluster => Gateways > 0;

    /// <summary>Gets or sets the load tool's scenario: room, idle, connect, signal.</summary>
    public required string Load { get; init; }

    public int Connections { get; init; } = 1_000;

    /// <summary>Of the second run of a <see cref="ScenarioKind.Slope"/>.</summary>
    public int MoreConnections { get; init; }

    public int Rooms { get; init; } = 1;

    public int Senders { get; init; } = 1;

    public int Window { get; init; } = 1;

    /// <summary>Messages per second of all senders; 0 for a closed loop.</summary>
    public double Rate { get; init; }

    public int Callers { get; init; }

    public int PayloadBytes { get; init; } = 64;

    /// <summary>Seconds before counting; null for the run's own.</summary>
    public double? WarmupSeconds { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>Deliveries per second that its rate asks for.</summary>
    public double OfferedPerSecond => Load is "room" ? Rate * Connections / Rooms : 0;

    /// <summary>Returns the same with fewer connections and messages, to try things out.</summary>
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
            WarmupSeconds = null, // nobody reads the figures
        };

        int Fraction(int number, int atLeast) => Math.Max(atLeast, (int)(number * scale));
    }

    /// <summary>What the load tool is told, but for where the server is.</summary>
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
