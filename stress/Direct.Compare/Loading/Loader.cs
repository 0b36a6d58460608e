using Direct.Compare.Machines;
using Direct.Compare.Servers;

namespace Direct.Compare.Loading;

/// <summary>Runs the load tool.</summary>
/// <param name="command">Its command.</param>
/// <param name="cores">Where it runs; null for anywhere.</param>
internal sealed class Loader(IReadOnlyList<string> command, string? cores)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(120); // to start, to connect thousands, to end

    /// <summary>Returns the command that was given, or Direct.Stress.</summary>
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

    /// <summary>Returns the arguments that say where the server is.</summary>
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

        if (server.Urls[0].Scheme == "wss")
        {
            yield return "--insecure"; // the certificate is our own
        }
    }

    public async Task<LoadRun> RunAsync(
        RunningServer server, IReadOnlyList<string> arguments, TimeSpan duration, CancellationToken cancellationToken)
    {
        string[] all = [.. arguments, .. Towards(server), $"--server-pid={string.Join(',', server.Pids)}", "--json"];
        var before = ProcessorUse.Now(server.Pids);
        var (exitCode, output, errors) = await ChildProcess.RunAsync([.. command, .. all], cores, duration + Grace, cancellationToken);
        var others = ProcessorUse.Now(server.Pids).OthersSince(before);

        // 1 is a threshold missed, a failed connection for one: the report says so too. Anything else has none.
        if (exitCode is not (0 or 1) || string.IsNullOrWhiteSpace(output))
        {
            throw new CompareException($"the load tool ended with {exitCode}: {errors}");
        }

        return new LoadRun(LoadReport.Parse(output), output.Trim(), others);
    }
}
