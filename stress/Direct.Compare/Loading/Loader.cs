using Direct.Compare.Machines;
using Direct.Compare.Servers;

namespace Direct.Compare.Loading;

/// <summary>Runs the load tool.</summary>
/// <param name="command">The command of the tool.</param>
/// <param name="cores">The cores that it runs on; null for any.</param>
internal sealed class Loader(IReadOnlyList<string> command, string? cores)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(120); // to start, to connect thousands, and to end

    /// <summary>Returns the given command, or Direct.Stress.</summary>
    public static Loader Of(string? given, Checkout checkout, string? cores)
    {
        if (given is not null)
        {
            return new Loader(["/bin/sh", "-c", "exec " + given + " \"$@\"", "loader"], cores);
        }

        return File.Exists(checkout.StressAssembly)
            ? new Loader([DotnetHost.Path, checkout.StressAssembly], cores)
            : throw new CompareException(
                $"{checkout.StressAssembly} is not built; use stress/compare, which builds it, or give another load tool: --loader");
    }

    /// <summary>Returns the arguments with the addresses of the server.</summary>
    public static IEnumerable<string> Towards(RunningServer server)
    {
        foreach (var url in server.Urls)
        {
            yield return $"--url={url.OriginalString}";
        }

        foreach (var url in server.SignalUrls)
        {
            yield return $"--signal-url={url.OriginalString}";
        }

        if (server.Protocol is { } protocol)
        {
            yield return $"--protocol={protocol}";
        }

        if (server.Urls[0].Scheme == "wss")
        {
            yield return "--insecure"; // the certificate was created for this run
        }
    }

    public async Task<LoadRun> RunAsync(
        RunningServer server, IReadOnlyList<string> arguments, TimeSpan duration, CancellationToken cancellationToken)
    {
        string[] all = [.. arguments, .. Towards(server), $"--server-pid={string.Join(',', server.Pids)}", "--json"];
        var before = ProcessorUse.Now(server.Pids);
        var (exitCode, output, errors) = await ChildProcess.RunAsync([.. command, .. all], cores, duration + Grace, cancellationToken);
        var others = ProcessorUse.Now(server.Pids).OthersSince(before);

        // 1 means that a threshold was missed, for example by a failed connection; the report says so too. Any other code means that there is no
        // report.
        if (exitCode is not (0 or 1) || string.IsNullOrWhiteSpace(output))
        {
            throw new CompareException($"the load tool ended with {exitCode}: {errors}");
        }

        return new LoadRun(LoadReport.Parse(output), output.Trim(), others);
    }
}
