using System.Globalization;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>Starts a floor server: the built-in one, or the given one.</summary>
internal sealed class FloorServerUnderTest(string name, string command, bool coalesces, Ports ports, string? cores) : ServerUnderTest(name)
{
    public const string PlainName = "floor";
    public const string CoalescingName = "floor-coalescing";

    public override string Command { get; } = command.Replace("{coalesce}", coalesces ? "--coalesce" : "", StringComparison.Ordinal).Trim();

    /// <summary>Compiles the built-in one. Returns its command.</summary>
    public static async Task<string> BuildAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(checkout.Artifacts);
        var program = Path.Combine(checkout.Artifacts, "floor");
        var fresh = FormattableString.Invariant($"{program}.{Environment.ProcessId}");
        var (exitCode, _, errors) = await ChildProcess.RunAsync(
            ["cc", "-O3", "-march=native", "-o", fresh, checkout.FloorSource], null, TimeSpan.FromMinutes(2), cancellationToken);
        if (exitCode != 0)
        {
            throw new CompareException($"cc cannot compile {checkout.FloorSource}: {errors}; it needs apt-get install gcc libc6-dev");
        }

        File.Move(fresh, program, overwrite: true); // atomically: another comparison may be starting it
        return $"'{program}' {{port}} {{coalesce}}";
    }

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var port = ports.Take();
        var whole = Command.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var child = ChildProcess.Start(ChildProcess.OfShell(whole), cores);
        try
        {
            await Readiness.AwaitListeningAsync(child, port, cancellationToken);
            return new RunningServer([child.Pid], [new Uri($"ws://127.0.0.1:{port}/!direct")], [], child);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }
}
