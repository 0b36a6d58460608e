using System.CommandLine;
using Direct.Stress.Protocol;

namespace Direct.Stress.Options;

/// <summary>Defines the command line: every option with its unit, its default and its range.</summary>
internal sealed class StressCommand
{
    private const int MaxConnections = 1_000_000;
    private const double MaxSeconds = 7 * 24 * 3600;
    private const string Direct2 = "direct.2";

    private readonly Option<string?> _scenario = OptionKinds.Word(
        "--scenario",
        "chat",
        [.. Enum.GetNames<ScenarioName>().Select(static name => name.ToLowerInvariant())],
        "chat: every connection gives a token and joins, every tenth says hello. room: members of rooms send, and every delivery is "
        + "checked. idle: connections do nothing. connect: connections are opened, join and are closed, over and over. "
        + "signal: messages over HTTP");

    private readonly Option<string[]> _urls = OptionKinds.Urls(
        "--url",
        ["ws://localhost:8085/!direct"],
        ["ws", "wss"],
        "A gateway. Given several times, connection i goes to the one at place i modulo their number");

    private readonly Option<string?> _protocol = OptionKinds.Word(
        "--protocol",
        "original",
        ["original", Direct2],
        "The dialect of the connections. With direct.2, what each client receives is checked over all of its connections, and --max-lost and "
        + "--max-duplicated are 0 unless given");

    private readonly Option<double> _reconnectRate = OptionKinds.Number(
        "--reconnect-rate",
        0,
        0,
        1_000_000,
        "direct.2: connections per second that are ended, half of them without a close frame, and come back to any --url with their positions; "
        + "those that send are not chosen");

    private readonly Option<double> _away = OptionKinds.Number(
        "--away", 0, 0, MaxSeconds, "With --reconnect-rate: seconds from the end of a connection until its client comes back");

    private readonly Option<int> _roomsPerConnection = OptionKinds.Whole(
        "--rooms-per-connection",
        1,
        1,
        1_000,
        "room, idle with direct.2: connection i joins this many rooms, from its own on; it sends to its own");

    private readonly Option<string?> _preset = OptionKinds.Word(
        "--preset",
        null,
        [.. Preset.All.Select(static preset => preset.Name)],
        "Connections, batch and delay by one word: "
        + string.Join("; ", Preset.All.Select(static preset => $"{preset.Name} is {preset.Connections} {preset.Batch} {preset.DelayMs}")));

    private readonly Option<int> _connections = OptionKinds.Whole(
        "--connections", 500, 1, MaxConnections, "Connections in all. In scenario signal: as many as there are callers, unless given");

    private readonly Option<int> _batch = OptionKinds.Whole(
        "--batch", 50, 1, MaxConnections, "Connections that are opened at the same time");

    private readonly Option<int> _delay = OptionKinds.Whole(
        "--delay",
        100,
        0,
        3_600_000,
        "Milliseconds between one batch and the next. Other scenarios than chat wait for nothing, unless it is given");

    private readonly Option<double> _duration = OptionKinds.Number(
        "--duration", 10, 0, MaxSeconds, "Seconds that are measured, or in chat seconds that the connections stay");

    private readonly Option<double> _warmup = OptionKinds.Number(
        "--warmup", 1, 0, MaxSeconds, "Seconds of sending before what is measured begins (room, connect, signal)");

    private readonly Option<double> _connectTimeout = OptionKinds.Number(
        "--connect-timeout", 10, 0.001, MaxSeconds, "Seconds until a connection that is not open and joined has failed");

    private readonly Option<int> _rooms = OptionKinds.Whole(
        "--rooms",
        1,
        1,
        MaxConnections,
        "room, idle, signal with --part: connection i joins room i modulo this; room r is group r+1, channel 1");

    private readonly Option<int> _senders = OptionKinds.Whole(
        "--senders", 1, 1, MaxConnections, "room: connections 0, 1, … of this number send, each to its room");

    private readonly Option<int> _window = OptionKinds.Whole(
        "--window", 1, 1, 1024, "room: messages of each sender under way at a time; one has arrived when every member of its room has it");

    private readonly Option<double> _rate = OptionKinds.Number(
        "--rate",
        0,
        0,
        10_000_000,
        "room, signal: messages per second of all senders together, sent on time whatever arrives; latency counts from the time at which a "
        + "message was due. 0: the next message is sent when one has arrived");

    private readonly Option<int> _payload = OptionKinds.Whole(
        "--payload",
        64,
        MessageStamp.Bytes,
        65_535,
        "Bytes of a message. Direct takes 511 from a client unless Direct:Connections:MaxMessageBytes is set, and in direct.2 about 4,000");

    private readonly Option<int> _callers = OptionKinds.Whole(
        "--callers",
        16,
        1,
        20_000,
        "signal: HTTP connections that are kept open; caller k signals the room of connection k alone, or --part");

    private readonly Option<string?> _part = new("--part")
    {
        Description = "signal: group,channel,user that all callers signal",
        HelpName = "g,c,u",
    };

    private readonly Option<long?> _expect = OptionKinds.OptionalWhole(
        "--expect", 0, MaxConnections, "signal with --part: of how many connections each signal is expected to reach; not with direct.2");

    private readonly Option<string[]> _signalUrls = OptionKinds.Urls(
        "--signal-url",
        [],
        ["http", "https"],
        "Where signals go; /!direct-signal at the gateways' own addresses unless given. Given several times, caller k calls the one at place k "
        + "modulo their number");

    private readonly Option<string?> _signalKey = new("--signal-key")
    {
        Description = "signal: a key of Direct:Signals:Keys, sent with every call",
        HelpName = "key",
    };

    private readonly Option<int> _sources = OptionKinds.Whole(
        "--sources", 1, 1, 250, "Addresses that connections come from, 127.0.0.1 to 127.0.0.n; one reaches a port some 28,000 times");

    private readonly Option<int> _processes = OptionKinds.Whole(
        "--processes", 1, 1, 64, "Processes that share the connections; each may have as many descriptors as ulimit -n says");

    private readonly Option<bool> _insecure = new("--insecure") { Description = "Take any certificate of a wss:// gateway" };

    private readonly Option<bool> _portable = new("--portable")
    {
        Description = "Use .NET's sockets for ws:// too, as everywhere but on Linux, instead of an epoll loop",
    };

    private readonly Option<int[]> _serverPids = OptionKinds.ProcessIds(
        "--server-pid", "Processes of the server, on this machine: their processor time and memory are in the report");

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object on standard output and nothing else there" };

    private readonly Option<long?> _maxFailed = OptionKinds.OptionalWhole(
        "--max-failed", 0, MaxConnections, "Connections that may fail, or be ended by the server, before the exit code is 1 [default: 0]");

    private readonly Option<long?> _maxLost = OptionKinds.OptionalWhole(
        "--max-lost", 0, long.MaxValue, "Deliveries that may be missing (room, signal) [default in direct.2: 0]");

    private readonly Option<long?> _maxDuplicated = OptionKinds.OptionalWhole(
        "--max-duplicated", 0, long.MaxValue, "Deliveries that may come a second time (room, signal) [default in direct.2: 0]");

    private readonly Option<long?> _maxReordered = OptionKinds.OptionalWhole(
        "--max-reordered", 0, long.MaxValue, "Deliveries that may come after a later one of their sender (room, signal)");

    private readonly Option<double?> _maxP99 = OptionKinds.OptionalNumber(
        "--max-p99", 0, double.MaxValue, "Milliseconds that the 99th percentile of the latency may be");

    private readonly Option<double?> _minRate = OptionKinds.OptionalNumber(
        "--min-rate", 0, double.MaxValue, "Deliveries per second that there must be");

    private readonly Option<double?> _maxConnectP95 = OptionKinds.OptionalNumber(
        "--max-connect-p95", 0, double.MaxValue, "Milliseconds that the 95th percentile of the connection time may be");

    public StressCommand()
    {
        Root = new RootCommand(
            "Opens many connections to a Direct gateway, sends, and counts what arrives. "
            + "Exit code 0: good; 1: a threshold (--max-…, --min-…) was missed; 2: wrong arguments, or nothing could connect.");
        foreach (var option in Options)
        {
            Root.Add(option);
        }
    }

    public RootCommand Root { get; }

    private IEnumerable<Option> Options =>
    [
        _scenario, _urls, _protocol, _reconnectRate, _away, _preset, _connections, _batch, _delay, _duration, _warmup, _connectTimeout, _rooms, _roomsPerConnection, _senders, _window, _rate,
        _payload, _callers, _part, _expect, _signalUrls, _signalKey, _sources, _processes, _insecure, _portable, _serverPids, _json,
        _maxFailed, _maxLost, _maxDuplicated, _maxReordered, _maxP99, _minRate, _maxConnectP95,
    ];

    /// <summary>Reads the options. Returns null if any is wrong; then <paramref name="errors"/> contains all errors.</summary>
    public StressOptions? Read(ParseResult parsed, out IReadOnlyList<string> errors)
    {
        errors = [.. parsed.Errors.Select(static error => error.Message)];
        if (errors.Count > 0)
        {
            return null;
        }

        var options = ReadValues(parsed);
        errors = OptionRules.Check(options);
        return errors.Count == 0 ? options : null;
    }

    private StressOptions ReadValues(ParseResult parsed)
    {
        var preset = Preset.All.FirstOrDefault(preset => preset.Name == parsed.GetValue(_preset));
        var isDirect2 = parsed.GetValue(_protocol) is Direct2;
        var scenario = Enum.Parse<ScenarioName>(parsed.GetValue(_scenario)!, ignoreCase: true);
        long? none = isDirect2 && scenario is ScenarioName.Room or ScenarioName.Signal ? 0 : null;
        return new StressOptions
        {
            Scenario = scenario,
            Urls = parsed.GetValue(_urls)!,
            IsDirect2 = isDirect2,
            ReconnectRate = parsed.GetValue(_reconnectRate),
            AwaySeconds = parsed.GetValue(_away),
            Connections = Connections(parsed, scenario, preset),
            Batch = IsGiven(parsed, _batch) ? parsed.GetValue(_batch) : preset?.Batch ?? parsed.GetValue(_batch),
            DelayMs = IsGiven(parsed, _delay) || (scenario is ScenarioName.Chat && preset is null)
                ? parsed.GetValue(_delay)
                : scenario is ScenarioName.Chat ? preset!.DelayMs : null,
            DurationSeconds = parsed.GetValue(_duration),
            WarmupSeconds = parsed.GetValue(_warmup),
            ConnectTimeoutSeconds = parsed.GetValue(_connectTimeout),
            Rooms = parsed.GetValue(_rooms),
            RoomsPerConnection = parsed.GetValue(_roomsPerConnection),
            Senders = parsed.GetValue(_senders),
            Window = parsed.GetValue(_window),
            Rate = parsed.GetValue(_rate),
            PayloadBytes = parsed.GetValue(_payload),
            Callers = parsed.GetValue(_callers),
            Part = parsed.GetValue(_part),
            Expect = (int?)parsed.GetValue(_expect),
            SignalUrls = parsed.GetValue(_signalUrls)!,
            SignalKey = parsed.GetValue(_signalKey),
            Sources = parsed.GetValue(_sources),
            Processes = parsed.GetValue(_processes),
            Insecure = parsed.GetValue(_insecure),
            Portable = parsed.GetValue(_portable),
            ServerPids = parsed.GetValue(_serverPids)!,
            Json = parsed.GetValue(_json),
            Thresholds = new ThresholdOptions
            {
                MaxFailed = parsed.GetValue(_maxFailed) ?? 0,
                MaxLost = parsed.GetValue(_maxLost) ?? none,
                MaxDuplicated = parsed.GetValue(_maxDuplicated) ?? none,
                MaxReordered = parsed.GetValue(_maxReordered),
                MaxP99Ms = parsed.GetValue(_maxP99),
                MinRate = parsed.GetValue(_minRate),
                MaxConnectP95Ms = parsed.GetValue(_maxConnectP95),
            },
        };
    }

    private int Connections(ParseResult parsed, ScenarioName scenario, Preset? preset)
    {
        if (IsGiven(parsed, _connections))
        {
            return parsed.GetValue(_connections);
        }

        return preset?.Connections ?? (scenario is ScenarioName.Signal ? parsed.GetValue(_callers) : parsed.GetValue(_connections));
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
