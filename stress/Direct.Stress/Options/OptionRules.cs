using System.Globalization;
using System.Net;

namespace Direct.Stress.Options;

/// <summary>Checks how options relate to each other and to the machine.</summary>
internal static class OptionRules
{
    // For assemblies, standard streams and the loop's own descriptors.
    private const int OwnDescriptors = 200;

    public static IReadOnlyList<string> Check(StressOptions options)
    {
        List<string> errors = [.. CheckScenario(options), .. CheckProtocol(options), .. CheckThresholds(options), .. CheckMachine(options)];
        return errors;
    }

    private static IEnumerable<string> CheckScenario(StressOptions options)
    {
        if (options.Scenario is ScenarioName.Room && options.Senders > options.Connections)
        {
            yield return Wrong("--senders", options.Senders, $"at most --connections={options.Connections}");
        }

        if (options.Scenario is ScenarioName.Room && options.Rooms > options.Connections)
        {
            yield return Wrong("--rooms", options.Rooms, $"at most --connections={options.Connections}");
        }

        if (options.Processes > options.Connections)
        {
            yield return Wrong("--processes", options.Processes, $"at most --connections={options.Connections}");
        }

        if (options.Part is { } part && !IsPart(part))
        {
            yield return Wrong("--part", part, "group,channel,user, three whole numbers of which 0 means any,");
        }

        if (options.Scenario is ScenarioName.Signal)
        {
            if (options.HasPart != options.Expect.HasValue && !options.IsDirect2)
            {
                yield return options.HasPart
                    ? $"--part={options.Part}: --expect=n too expected, the number of connections that each signal reaches"
                    : Wrong("--expect", options.Expect!, "--part=group,channel,user too");
            }

            if (!options.HasPart && options.Connections < options.Callers)
            {
                yield return Wrong("--connections", options.Connections, $"one for each of --callers={options.Callers}");
            }
        }
        else if (options.HasPart)
        {
            yield return Wrong("--part", options.Part!, "--scenario=signal");
        }

        if (options.Scenario is ScenarioName.Connect && options.DurationSeconds <= 0)
        {
            yield return Wrong("--duration", options.DurationSeconds, "more than 0 in scenario connect");
        }
    }

    private static IEnumerable<string> CheckProtocol(StressOptions options)
    {
        if (!options.IsDirect2)
        {
            if (options.ReconnectRate > 0)
            {
                yield return Wrong("--reconnect-rate", options.ReconnectRate, "--protocol=direct.2 too, because only its clients resume,");
            }

            if (options.RoomsPerConnection > 1)
            {
                yield return Wrong("--rooms-per-connection", options.RoomsPerConnection, "--protocol=direct.2 too");
            }
        }
        else if (options.Scenario is ScenarioName.Chat)
        {
            yield return "--protocol=direct.2: --scenario=room, signal, idle or connect expected, because chat is the steps of the original tool";
        }
        else if (options.Expect is { } expect)
        {
            yield return $"--expect={expect}: not expected with --protocol=direct.2, which knows the connections that match --part";
        }

        if (options.AwaySeconds > 0 && options.ReconnectRate == 0)
        {
            yield return Wrong("--away", options.AwaySeconds, "--reconnect-rate=n too");
        }

        foreach (var error in CheckReconnects(options).Concat(CheckRoomsPerConnection(options)))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> CheckReconnects(StressOptions options)
    {
        if (options.ReconnectRate == 0 || !options.IsDirect2)
        {
            yield break;
        }

        if (options.Scenario is ScenarioName.Connect)
        {
            yield return Wrong("--reconnect-rate", options.ReconnectRate, "a scenario whose connections stay: room, signal or idle");
        }

        if (options.Scenario is ScenarioName.Room && options.Rate == 0)
        {
            yield return Wrong("--reconnect-rate", options.ReconnectRate, "--rate=n too, because with --window a message waits for members that are away,");
        }

        if (options.Scenario is ScenarioName.Room && options.Senders == options.Connections)
        {
            yield return Wrong("--senders", options.Senders, $"fewer than --connections={options.Connections} with --reconnect-rate, which spares them,");
        }
    }

    private static IEnumerable<string> CheckRoomsPerConnection(StressOptions options)
    {
        if (options.RoomsPerConnection == 1 || !options.IsDirect2)
        {
            yield break;
        }

        if (options.Scenario is not (ScenarioName.Room or ScenarioName.Idle))
        {
            yield return Wrong("--rooms-per-connection", options.RoomsPerConnection, "--scenario=room or idle");
        }
        else if (options.RoomsPerConnection > options.Rooms)
        {
            yield return Wrong("--rooms-per-connection", options.RoomsPerConnection, $"at most --rooms={options.Rooms}");
        }
    }

    private static IEnumerable<string> CheckThresholds(StressOptions options)
    {
        var thresholds = options.Thresholds;
        if (options.Scenario is ScenarioName.Room or ScenarioName.Signal)
        {
            yield break;
        }

        var only = $"a scenario that numbers its messages, room or signal, not {options.Scenario.ToString().ToLowerInvariant()}";
        if (thresholds.MaxLost is { } lost)
        {
            yield return Wrong("--max-lost", lost, only);
        }

        if (thresholds.MaxDuplicated is { } duplicated)
        {
            yield return Wrong("--max-duplicated", duplicated, only);
        }

        if (thresholds.MaxReordered is { } reordered)
        {
            yield return Wrong("--max-reordered", reordered, only);
        }

        if (thresholds.MaxP99Ms is { } p99 && options.Scenario is not ScenarioName.Chat)
        {
            yield return Wrong("--max-p99", p99, "a scenario that sends: chat, room or signal");
        }

        if (thresholds.MinRate is { } rate && options.Scenario is not ScenarioName.Chat)
        {
            yield return Wrong("--min-rate", rate, "a scenario that sends: chat, room or signal");
        }
    }

    private static IEnumerable<string> CheckMachine(StressOptions options)
    {
        if (options.Sources > 1)
        {
            foreach (var url in options.Urls.Where(static url => !IsLoopback(url)))
            {
                yield return $"--sources={options.Sources}: --url={url} is not on this machine, and 127.0.0.n reaches nothing else";
            }
        }

        var each = ((options.Connections + options.Processes - 1) / options.Processes) + OwnDescriptors;
        if (DescriptorLimit() is { } limit && each > limit)
        {
            var processes = Math.Ceiling((double)options.Connections / Math.Max(1, limit - OwnDescriptors));
            yield return $"--connections={options.Connections}: a process here may have {limit} descriptors (ulimit -n) " +
                $"and needs {each}; at least --processes={processes} expected";
        }

        if (PortsOfAnAddress() is { } ports && options.Connections > (long)ports * options.Sources * options.Urls.Count)
        {
            var sources = Math.Ceiling((double)options.Connections / ports / options.Urls.Count);
            yield return $"--connections={options.Connections}: one address reaches a port {ports} times " +
                $"(net.ipv4.ip_local_port_range); at least --sources={sources} expected";
        }
    }

    private static bool IsPart(string part) => part.Split(',') is { Length: 3 } numbers
        && numbers.All(static number => long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    private static bool IsLoopback(string url)
    {
        var uri = new Uri(url);
        return uri.IsLoopback || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address));
    }

    /// <summary>Returns the hard limit, to which .NET raises the soft limit.</summary>
    private static long? DescriptorLimit()
    {
        const string limits = "/proc/self/limits";
        var line = File.Exists(limits)
            ? File.ReadLines(limits).FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal))
            : null;
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is { Length: >= 5 } && long.TryParse(words[4], CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    private static int? PortsOfAnAddress()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var words = File.Exists(range)
            ? File.ReadAllText(range).Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            : [];
        return words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var first)
            && int.TryParse(words[1], CultureInfo.InvariantCulture, out var last) ? last - first + 1 : null;
    }

    private static string Wrong(string name, object value, string expected) =>
        OptionKinds.Wrong(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", expected);
}
