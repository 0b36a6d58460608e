namespace Direct.Compare.Scenarios;

/// <summary>Lists all scenarios, in the order of the report, with their targets.</summary>
internal static class ScenarioList
{
    private const int Room = 1_000;

    // Until .NET has compiled the code for the last time: on one core that takes long, and four processes share it.
    private const double WarmNode = 8;
    private const double WarmSignals = 20; // a request runs through much code
    private const double WarmCluster = 30;
    private const double WarmEmbedded = 45; // a signal costs 185 µs in the first ten seconds, 140 in the next, 65 from the fifth on

    private static readonly Scenario A1 = Flood(
        "A1", "one room of 1,000, one message at a time", Baseline.PlainFloor, window: 1, reach: 1.25, stretch: 1.0);

    private static readonly Scenario A64 = Flood(
        "A64", "one room of 1,000, 64 messages under way", Baseline.CoalescingFloor, window: 64, reach: 1.0, stretch: 0.6);

    private static readonly Scenario D = new()
    {
        Name = "D",
        Title = "100 rooms of 10, 40,000 deliveries a second",
        Load = "room",
        Baseline = Baseline.PlainFloor,
        Rooms = 100,
        Senders = 100,
        Rate = 4_000,
        Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, 1.3, 1.05), Figure.RatioAtMost(Metric.LatencyP99, 2, 1.2)],
    };

    private static readonly Scenario E = new()
    {
        Name = "E",
        Title = "a signal over HTTP to one connection, 16 callers",
        Load = "signal",
        Baseline = Baseline.PlainFloor,
        Connections = 16,
        Callers = 16,
        WarmupSeconds = WarmSignals,
        Figures = [Figure.AtMost(Metric.CpuPerSignal, 18, 12)],
    };

    private static readonly Scenario ClusterW64 = Cluster("2G-W64", 2, "500 + 500 in one room, 64 under way") with
    {
        Window = 64,
        Figures = [Figure.AtMost(Metric.CpuPerDelivery, 0.20, 0.17)],
    };

    private static readonly Scenario ClusterW1 = Cluster("2G-W1", 2, "the same, one message at a time") with
    {
        Figures = [Figure.AtMost(Metric.CpuPerDelivery, 5.6, 4.3)],
    };

    private static readonly Scenario ClusterE = Signals("2G-E", 2, callers: 64, "64 callers") with
    {
        Figures = [Figure.AtMost(Metric.CpuPerSignal, 35, 22), Figure.AtLeast(Metric.SignalsPerSecond, 25_000, 40_000)],
    };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        A1,
        Flood("A4", "the same, 4 messages under way", Baseline.CoalescingFloor, window: 4, reach: 0.9, stretch: 0.5),
        A64,
        new()
        {
            Name = "S",
            Title = "saturated: one room of 1,000, 20 senders with 50 under way each",
            Load = "room",
            Baseline = Baseline.PlainFloor,
            Senders = 20,
            Window = 50,
            Figures = [Figure.RatioAtLeast(Metric.DeliveriesPerSecond, 25, 60)],
        },
        new()
        {
            Name = "B",
            Title = "100 rooms of 10, a sender in each with 4 under way",
            Load = "room",
            Baseline = Baseline.CoalescingFloor,
            Rooms = 100,
            Senders = 100,
            Window = 4,
            Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, 1.5, 0.9)],
        },
        D,
        Idle("C", "idle connections, slope from 4,000 to 16,000") with
        {
            Baseline = Baseline.PlainFloor,
            Figures = [Figure.AtMost(Metric.MemoryPerConnection, 4, 0.7)],
        },
        new()
        {
            Name = "K",
            Title = "connecting and joining",
            Load = "connect",
            Baseline = Baseline.PlainFloor,
            Figures = [Figure.AtMost(Metric.CpuPerConnection, 110, 60)],
        },
        E,
        Flood("T-A1", "A1 through TLS", Baseline.None, window: 1, reach: 0, stretch: 0) with
        {
            Group = "T",
            IsTls = true,
            Figures = [Figure.Stated(Metric.CpuPerDelivery)],
        },
        Idle("T-C", "C through TLS") with { Group = "T", IsTls = true, Figures = [Figure.Stated(Metric.MemoryPerConnection)] },
        new()
        {
            Name = "R",
            Title = "a room of 100, 2,000 messages a second: one more member that reads nothing",
            Kind = ScenarioKind.StoppedReader,
            Load = "room",
            Connections = 100,
            Senders = 10,
            Rate = 2_000,
            PayloadBytes = 480, // so that more arrives than the kernel holds for one connection
            Figures =
            [
                Figure.AtMost(Metric.LatencyAfterStop, 1.2),
                Figure.AtLeast(Metric.CutOff, 1),
                Figure.Stated(Metric.MemoryAfterStop),
            ],
        },
        new()
        {
            Name = "overload",
            Title = "1,000,000 deliveries a second offered to one room of 1,000",
            Load = "room",
            Senders = 10,
            Rate = 1_000,
            Figures = [Figure.AtLeast(Metric.DeliveredShare, 0.99), Figure.AtMost(Metric.LatencyP99, 50, 25)],
        },
        Embedded(E) with { Figures = [Figure.RatioAtMost(Metric.CpuPerSignal, 1.8, 1.3)] },
        Embedded(D) with { Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, 1.3, 1.1), Figure.StatedRatio(Metric.LatencyP99)] },
        Embedded(A1),
        Embedded(A64),
        ClusterW64,
        ClusterW1,
        Cluster("2G-100", 2, "the same, 100 messages a second") with
        {
            Rate = 100,
            Figures = [Figure.AtMost(Metric.LatencyP50, 15, 9), Figure.AtMost(Metric.LatencyP99, 40, 20)],
        },
        Signals("2G-signal", 2, callers: 16, "16 callers, 1,000 a second, 16 connections") with
        {
            Connections = 16,
            Rate = 1_000,
            Figures = [Figure.AtMost(Metric.LatencyP50, 1.5, 1), Figure.AtMost(Metric.LatencyP99, 8, 4)],
        },
        ClusterE,
        Signals("2G-E16", 2, callers: 16, "16 callers") with
        {
            Figures = [Figure.Stated(Metric.CpuPerSignal), Figure.Stated(Metric.SignalsPerSecond)],
        },
        Signals("2G-E-1000", 2, callers: 16, "16 callers, 1,000 a second") with
        {
            Rate = 1_000,
            Figures =
            [
                Figure.AtMost(Metric.CpuPerSignal, 300, 170),
                Figure.Stated(Metric.LatencyP50),
                Figure.Stated(Metric.LatencyP99),
            ],
        },
        Cluster("2G-D", 2, "100 rooms of 10, each on one gateway, 4,000 messages a second") with
        {
            Rooms = 100,
            Senders = 100,
            Rate = 4_000,
            Figures = [Figure.AtMost(Metric.CpuPerMessage, 145, 90)],
        },
        Cluster("2G-D-split", 2, "101 rooms of 5 + 5, 4,000 messages a second") with
        {
            Connections = 1_010,
            Rooms = 101, // an odd number, because connections are distributed over rooms and gateways in rotation
            Senders = 101,
            Rate = 4_000,
            Figures = [Figure.Stated(Metric.CpuPerMessage)],
        },
        Cluster("2G-rooms-of-one", 2, "1,000 rooms of one connection, 1,000 messages a second in all") with
        {
            Rooms = Room,
            Senders = Room,
            Rate = 1_000,
            Figures = [Figure.AtMost(Metric.CpuPerMessage, 122, 90)],
        },
        Signals("8G-E", 8, callers: 64, "64 callers") with { Figures = [Figure.AtMost(Metric.CpuPerSignal, 60, 40)] },
        Direct2(A1) with { Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, 1.15)] },
        Direct2(A64),
        Direct2(D) with { Figures = [Figure.StatedRatio(Metric.CpuPerDelivery), Figure.StatedRatio(Metric.LatencyP99)] },
        Direct2(E) with { Figures = [Figure.StatedRatio(Metric.CpuPerSignal)] },
        Direct2(ClusterW1) with { Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, 1.15)] },
        Direct2(ClusterW64),
        Direct2(ClusterE) with { Figures = [Figure.StatedRatio(Metric.CpuPerSignal)] },
    ];

    /// <summary>Gets the names that select scenarios.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(scenario => scenario.Group ?? scenario.Name).Distinct()];

    /// <summary>Returns the scenarios of a name, which is their own or a group's; none if there is no such name. Case does not matter.</summary>
    public static IEnumerable<Scenario> Named(string word) => All.Where(scenario =>
        scenario.Name.Equals(word, StringComparison.OrdinalIgnoreCase) || word.Equals(scenario.Group, StringComparison.OrdinalIgnoreCase));

    private static Scenario Flood(string name, string title, Baseline baseline, int window, double reach, double stretch) => new()
    {
        Name = name,
        Title = title,
        Load = "room",
        Connections = Room,
        Baseline = baseline,
        Window = window,
        WarmupSeconds = WarmNode,
        Figures = [Figure.RatioAtMost(Metric.CpuPerDelivery, reach, stretch)],
    };

    private static Scenario Idle(string name, string title) => new()
    {
        Name = name,
        Title = title,
        Kind = ScenarioKind.Slope,
        Load = "idle",
        Connections = 4_000,
        MoreConnections = 16_000,
        Figures = [],
    };

    private static Scenario Embedded(Scenario onOneNode) => onOneNode with
    {
        Name = "embedded-" + onOneNode.Name,
        Group = "embedded",
        Title = "gateway with embedded silo: " + onOneNode.Title,
        IsEmbedded = true,
        Baseline = Baseline.OneNode,
        WarmupSeconds = WarmEmbedded,
        Figures = [Figure.StatedRatio(Metric.CpuPerDelivery)],
    };

    private static Scenario Direct2(Scenario original) => original with
    {
        Name = "direct2-" + original.Name,
        Group = "direct2",
        Title = "all connections on direct.2: " + original.Title,
        IsDirect2 = true,
        Baseline = Baseline.OriginalDialect,
        Figures = [Figure.StatedRatio(Metric.CpuPerDelivery)],
    };

    private static Scenario Cluster(string name, int gateways, string title) => new()
    {
        Name = name,
        Group = $"{gateways}G",
        Title = $"{gateways} gateways and 2 silos: {title}",
        Gateways = gateways,
        Baseline = Baseline.Peer,
        Load = "room",
        WarmupSeconds = WarmCluster,
        Figures = [],
    };

    private static Scenario Signals(string name, int gateways, int callers, string title) =>
        Cluster(name, gateways, "signals over HTTP, each to one connection on another gateway, " + title) with
        {
            Load = "signal",
            Connections = 160,
            Callers = callers,
        };
}
