using System.Diagnostics;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Local;

/// <summary>Represents only the load balancer, with the configuration of <c>deploy/local/up</c>, before gateways that the test provides.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    private Balancer(string folder, Process process, int port) => (_folder, _process, Port) = (folder, process, port);

    /// <summary>Gets why haproxy cannot run on this machine, and how to install it; null when it can.</summary>
    public static string? WhyMissing => Program is null ? "haproxy is missing; install it: apt-get install haproxy" : null;

    public int Port { get; }

    private static string? Program { get; } = InstalledProgram.Find("haproxy");

    /// <summary>Starts the load balancer, and waits until it forwards to each of these gateways.</summary>
    public static async Task<Balancer> StartAsync(params ScriptedGateway[] gateways)
    {
        var folder = Directory.CreateTempSubdirectory("direct balancer ").FullName;
        var port = FreePort.Take();
        var configuration = Path.Combine(folder, "haproxy.cfg");
        await ConfigureAsync(configuration, [port, .. gateways.Select(gateway => gateway.Port)]);

        var balancer = new Balancer(folder, Process.Start(Program!, ["-db", "-q", "-f", configuration]), port);
        try
        {
            await Deadline.UntilAsync($"haproxy listens on {port} and has looked at every gateway", async () =>
            {
                Assert.False(balancer._process.HasExited, "haproxy ended by itself");
                return gateways.All(gateway => gateway.Checks > 0) && await balancer.IsListeningAsync();
            });
            return balancer;
        }
        catch
        {
            await balancer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the load balancer has made enough health checks of this gateway to know its present state.</summary>
    public static async Task NoticeAsync(ScriptedGateway gateway)
    {
        const int Enough = 4; // two checks, one that was under way, and one more so that the second has been evaluated
        var before = gateway.Checks;
        await Deadline.UntilAsync($"gateway {gateway.Port} is looked at {Enough} times", () => gateway.Checks >= before + Enough);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task ConfigureAsync(string configuration, IEnumerable<int> ports)
    {
        const string Write = """. "$0" && file=$1 && shift && balancer_configuration "$@" >"$file" """;
        var script = Path.Combine(Repository.Root, "deploy", "local", "haproxy.sh");
        using var shell = Process.Start("/bin/sh", ["-c", Write, script, configuration, .. ports.Select(port => $"{port}")]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            return (await RawHttp.RequestAsync(Port, "GET", "/readyz")).Status != 0;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
