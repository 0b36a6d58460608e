using System.Globalization;
using System.Text.Json;
using Direct.Compare.Options;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>
/// Starts gateways and two silos with <c>deploy/local/up</c>. It starts them once a round for each number of gateways, because that takes half a
/// minute.
/// </summary>
internal sealed class ClusterServerUnderTest(Variant variant, Checkout checkout, int port, string? cores)
    : ServerUnderTest(OwnName), IAsyncDisposable
{
    public const string OwnName = "cluster";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(5);

    // A separate folder, so that a local cluster on this machine is not affected.
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"direct-compare-{Environment.ProcessId}");

    private bool _mayBeUp;
    private int _gateways;
    private Status? _status;
    private string? _whyNot;

    public override string Command => $"deploy/local/up {string.Join(' ', Arguments("{gateways}"))}";

    public override ClusterServerUnderTest? ClusterFor(Scenario scenario) => this;

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        if (scenario.Gateways != _gateways)
        {
            await DisposeAsync();
            _gateways = scenario.Gateways;
        }

        _status ??= await UpAsync(cancellationToken);
        int[] pids = [.. _status.Processes.Select(row => row.Pid ?? throw new CompareException("a process of the cluster has ended"))];
        return RunningServer.OfGateways(pids, [.. _status.Gateways.Select(row => row.Port)], null);
    }

    /// <summary>Stops the cluster; the next start is a new one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_mayBeUp)
        {
            return;
        }

        (_mayBeUp, _status) = (false, null);
        var (exitCode, _, _) = await ScriptAsync("down", [], StopLimit, CancellationToken.None);
        if (exitCode == 0 && _whyNot is null && Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true); // otherwise its logs contain more
        }
    }

    private async Task<Status> UpAsync(CancellationToken cancellationToken)
    {
        if (_whyNot is not null)
        {
            throw new CompareException(_whyNot); // a further try would fail too, and takes long
        }

        _mayBeUp = true; // from the first process on, even if the start fails
        var (exitCode, output, errors) = await ScriptAsync("up", Arguments(_gateways.ToString(CultureInfo.InvariantCulture)), StartLimit, cancellationToken);
        if (exitCode != 0)
        {
            _whyNot = $"deploy/local/up: {LastLine(errors.Length > 0 ? errors : output)}";
            throw new CompareException(_whyNot);
        }

        var (_, json, _) = await ScriptAsync("status", ["--json"], StartLimit, cancellationToken);
        var status = JsonSerializer.Deserialize<Status>(json, JsonSerializerOptions.Web)
            ?? throw new CompareException("deploy/local/status --json says nothing");
        foreach (var pid in status.Processes.Select(row => row.Pid))
        {
            if (cores is not null && pid is { } alive)
            {
                await PinAsync(alive, cancellationToken);
            }
        }

        return status;
    }

    private string[] Arguments(string gateways) =>
    [
        "--silos", "2", "--gateways", gateways, "--port", port.ToString(CultureInfo.InvariantCulture), "--balancer", "0", "env=test",
        .. variant.Arguments,
    ];

    private Task<(int ExitCode, string Output, string Errors)> ScriptAsync(
        string script, string[] arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        ChildProcess.RunAsync(
            [Path.Combine(checkout.LocalCluster, script), .. arguments], null, limit, cancellationToken, ("DIRECT_LOCAL_DIR", Folder));

    // Of all of its threads.
    private async Task PinAsync(int pid, CancellationToken cancellationToken) => await ChildProcess.RunAsync(
        ["taskset", "-acp", cores!, pid.ToString(CultureInfo.InvariantCulture)], null, TimeSpan.FromSeconds(10), cancellationToken);

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "failed without a word";

    private sealed record Row(int Port, int? Pid);

    private sealed record Status(IReadOnlyList<Row> Silos, IReadOnlyList<Row> Gateways)
    {
        /// <summary>Returns the processes that are measured. The database takes no part in a delivery.</summary>
        public IEnumerable<Row> Processes => Silos.Concat(Gateways);
    }
}
