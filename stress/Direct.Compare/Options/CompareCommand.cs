using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;

namespace Direct.Compare.Options;

/// <summary>Defines the command line: every option with its default and its range.</summary>
internal sealed class CompareCommand
{
    private const int MaxPort = 31_000; // above 32,767 the kernel uses ports for outgoing connections

    private static readonly string[] Reserved =
    [
        FloorServerUnderTest.PlainName, FloorServerUnderTest.CoalescingName, DirectServerUnderTest.EmbeddedName, ClusterServerUnderTest.OwnName,
        PeerServerUnderTest.OwnName, DialectServerUnderTest.OriginalName,
    ];

    private readonly Option<string?> _scenarios = new("--scenarios")
    {
        Description = $"What to measure, with commas; all unless given: {string.Join(", ", ScenarioList.Names)}",
        HelpName = "A1,B",
    };

    private readonly Option<int> _runs = Whole("--runs", 5, 1, 1_000, "Rounds; every round runs every server once");

    private readonly Option<double> _duration = Number("--duration", 6, 0.1, 3_600, "Seconds that are measured");

    private readonly Option<double> _warmup = Number("--warmup", 2, 0, 3_600, "Seconds of load before that");

    private readonly Option<double> _scale = Number(
        "--scale", 1, 0.001, 1, "Fewer connections and messages, to try things out; figures count at 1 only");

    private readonly Option<string> _serverCore = Cores("--server-core", "0", "Where servers run, for taskset; any: not pinned");

    private readonly Option<string> _loaderCore = Cores("--loader-core", "1", "Where the load tool runs; any: not pinned");

    private readonly Option<string?> _directArguments = new("--direct-args")
    {
        Description = "Arguments for Direct, with spaces, in every variant: 'transport=kestrel'",
        HelpName = "'key=value ...'",
    };

    private readonly Option<string[]> _variants = new("--variant")
    {
        Description = "A named variant of Direct with its own arguments; may be given several times. Without it there is one, 'direct'",
        HelpName = "name='key=value ...'",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<string?> _floor = new("--floor")
    {
        Description = "Another floor server: a command that listens on {port}, and combines waiting messages if {coalesce} is replaced by --coalesce",
        HelpName = "'command {port} {coalesce}'",
    };

    private readonly Option<string?> _peer = new("--peer")
    {
        Description = $"Compares clusters with another server: {PeerServerUnderTest.OwnName}, which needs redis-server and bun",
        HelpName = PeerServerUnderTest.OwnName,
    };

    private readonly Option<string?> _loader = new("--loader")
    {
        Description = "Another load tool: a command that takes the options of Direct.Stress and prints its JSON",
        HelpName = "command",
    };

    private readonly Option<int> _port = Whole("--port", 18_400, 1_024, MaxPort, "The first of the ports that servers get");

    private readonly Option<string?> _output = new("--output")
    {
        Description = "A folder for the results; stress/results unless given, with the raw measurements under artifacts/compare",
        HelpName = "folder",
    };

    public CompareCommand()
    {
        _floor.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } floor && !floor.Contains("{port}", StringComparison.Ordinal))
            {
                result.AddError($"--floor is '{floor}'; it must be a command that holds {{port}}, where its port is put.");
            }
        });
        _peer.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } peer and not PeerServerUnderTest.OwnName)
            {
                result.AddError($"--peer is '{peer}'; it must be {PeerServerUnderTest.OwnName}, the only one that is known.");
            }
        });
        Root = new RootCommand("Compares Direct with a floor server in alternating measurements. Writes a table, a chart and the raw measurements.");
        foreach (var option in (Option[])
            [
                _scenarios, _runs, _duration, _warmup, _scale, _serverCore, _loaderCore, _directArguments, _variants, _floor, _peer,
                _loader, _port, _output,
            ])
        {
            Root.Add(option);
        }
    }

    public RootCommand Root { get; }

    /// <summary>Reads the options. Returns null if any is wrong; then <paramref name="errors"/> contains all errors.</summary>
    public CompareOptions? Read(ParseResult parsed, out IReadOnlyList<string> errors)
    {
        var found = parsed.Errors.Select(static error => error.Message).ToList();
        errors = found;
        if (found.Count > 0)
        {
            return null;
        }

        var scale = parsed.GetValue(_scale);
        var scenarios = Scenarios(parsed.GetValue(_scenarios), found);
        var variants = Variants(parsed.GetValue(_variants)!, parsed.GetValue(_directArguments), found);
        return found.Count > 0
            ? null
            : new CompareOptions
            {
                Scenarios = [.. scenarios.Select(scenario => scenario.Scaled(scale))],
                Variants = variants,
                Runs = parsed.GetValue(_runs),
                DurationSeconds = parsed.GetValue(_duration),
                WarmupSeconds = parsed.GetValue(_warmup),
                Scale = scale,
                ServerCore = parsed.GetValue(_serverCore) is "any" ? null : parsed.GetValue(_serverCore),
                LoaderCore = parsed.GetValue(_loaderCore) is "any" ? null : parsed.GetValue(_loaderCore),
                Floor = parsed.GetValue(_floor),
                Peer = parsed.GetValue(_peer),
                Loader = parsed.GetValue(_loader),
                Port = parsed.GetValue(_port),
                Output = parsed.GetValue(_output),
            };
    }

    // In the order of the list, not of the arguments.
    private static IEnumerable<Scenario> Scenarios(string? words, List<string> errors)
    {
        if (words is null)
        {
            return ScenarioList.All;
        }

        var chosen = new HashSet<Scenario>();
        foreach (var word in words.Split(',', StringSplitOptions.TrimEntries))
        {
            var named = ScenarioList.Named(word).ToArray();
            chosen.UnionWith(named);
            if (named.Length == 0)
            {
                errors.Add($"--scenarios holds '{word}'; there are {string.Join(", ", ScenarioList.Names)}.");
            }
        }

        return ScenarioList.All.Where(chosen.Contains);
    }

    private static List<Variant> Variants(string[] texts, string? common, List<string> errors)
    {
        var shared = Split(common);
        if (texts.Length == 0)
        {
            return [new Variant("direct", shared)];
        }

        var variants = new List<Variant>();
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            if (parts.Length < 2 || parts[0].Length == 0 || !parts[0].All(static sign => char.IsAsciiLetterOrDigit(sign) || sign is '-'))
            {
                errors.Add($"--variant is '{text}'; it must be a name of letters, digits and -, an =, and arguments: "
                    + "--variant kestrel='transport=kestrel'.");
            }
            else if (variants.Any(variant => variant.Name == parts[0]) || Reserved.Contains(parts[0]))
            {
                errors.Add($"--variant '{parts[0]}' is taken; every variant needs a name of its own, not {string.Join(", ", Reserved)}.");
            }
            else
            {
                variants.Add(new Variant(parts[0], [.. shared, .. Split(parts[1])]));
            }
        }

        return variants;
    }

    private static string[] Split(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Option<int> Whole(string name, int standard, int least, int most, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result => CheckRange(result, name, least, most, "whole number"));
        return option;
    }

    private static Option<double> Number(string name, double standard, double least, double most, string description)
    {
        var option = new Option<double>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result => CheckRange(result, name, least, most, "number"));
        return option;
    }

    // The parser itself refuses text that is not a number.
    private static void CheckRange(OptionResult result, string name, double least, double most, string kind)
    {
        if (result.Tokens.Count > 0
            && result.Tokens[0].Value is var text
            && double.TryParse(text, CultureInfo.InvariantCulture, out var value)
            && !(value >= least && value <= most))
        {
            result.AddError(FormattableString.Invariant($"{name} is {text}; it must be a {kind} from {least} to {most}."));
        }
    }

    private static Option<string> Cores(string name, string standard, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "0", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (text is not "any" && CoreList.Count(text) == 0)
            {
                result.AddError($"{name} is '{text}'; it must be a core like 0, several like 0,2-3, or any.");
            }
        });
        return option;
    }
}
