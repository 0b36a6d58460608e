using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Load;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Containers.Tests.Compose;

/// <summary>Starts deploy/compose.yaml as a new user does, with a separate .env file. Disposing takes it down.</summary>
internal sealed class ComposeProject : IAsyncDisposable
{
    public const string Key = "a-key-for-this-test-alone";

    private static readonly TimeSpan LongestCommand = TimeSpan.FromMinutes(3);

    private readonly ContainerEngine _engine;
    private readonly string _folder;
    private readonly string[] _compose;

    private ComposeProject(ContainerEngine engine)
    {
        _engine = engine;
        _folder = Directory.CreateDirectory(Path.Combine(engine.Folder, "deploy")).FullName;
        string[] files = ["-f", "compose.yaml", "-f", "machine.yaml", "-p", Name];
        _compose = engine.IsPodman ? ["podman-compose", .. files] : ["docker", "compose", .. files];
    }

    /// <summary>Gets the address and ports of the load balancer.</summary>
    public Entry Entry { get; } = new(IPAddress.Loopback, FreePort.Take(), FreePort.Take());

    private string Name => $"{_engine.Id}-compose";

    public static async Task<ComposeProject> StartAsync(ContainerEngine engine)
    {
        Assert.SkipWhen(engine.IsPodman && InstalledProgram.Find("podman-compose") is null, "podman-compose is missing; install it: apt-get install podman-compose");
        var project = new ComposeProject(engine);
        try
        {
            await project.WriteAsync();
            await project.RunAsync("up", "--detach", "--no-build");
            await project.WaitReadyAsync("silo-1");
            await project.WaitReadyAsync("silo-2");
            await project.WaitReadyAsync("gateway-1");
            await project.WaitReadyAsync("gateway-2");
            return project;
        }
        catch
        {
            await project.DisposeAsync();
            throw;
        }
    }

    public Container Service(string name) =>
        new(_engine, _engine.IsPodman ? $"{Name}_{name}_1" : $"{Name}-{name}-1");

    /// <summary>Waits until a service works, after any number of starts.</summary>
    public async Task WaitReadyAsync(string service)
    {
        var container = Service(service);
        switch (service)
        {
            case "haproxy":
                // haproxy answers 404 itself, without a gateway.
                await Deadline.UntilAsync($"{service} listens", () => ListensAsync(Entry.Address, Entry.Signals), LongestCommand);
                break;
            case "mysql":
                await Deadline.UntilAsync($"{service} listens", async () => await AddressAsync(container) is { } address && await ListensAsync(address, 3306), LongestCommand);
                break;
            default:
                var port = service.StartsWith("silo", StringComparison.Ordinal) ? 9086 : 9085;
                await container.WaitReadyAsync(async () => await AddressAsync(container) is { } address ? new Uri($"http://{address}:{port}/readyz") : null);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using var down = _engine.Start(_compose[0], [.. _compose[1..], "down", "--timeout", "1", "--volumes"], _folder);
        await down.WaitForExitAsync(LongestCommand);
    }

    // Returns the address in a network without a route to the outside, which this machine can reach all the same. Returns null while the container does not run.
    private static async Task<IPAddress?> AddressAsync(Container container)
    {
        var addresses = await container.InspectAsync("{{range $name, $network := .NetworkSettings.Networks}}{{$name}}={{$network.IPAddress}} {{end}}");
        var inside = addresses.Split(' ').Select(pair => pair.Split('=')).FirstOrDefault(pair => pair[0].EndsWith("_inside", StringComparison.Ordinal));
        return IPAddress.TryParse(inside?[1], out var address) ? address : null;
    }

    private static async Task<bool> ListensAsync(IPAddress address, int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), late.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            await Deadline.PaceAsync(500);
            return false;
        }
    }

    private async Task WriteAsync()
    {
        var deploy = Path.Combine(Repository.Root, "deploy");
        Directory.CreateDirectory(Path.Combine(_folder, "compose"));
        File.Copy(Path.Combine(deploy, "compose.yaml"), Path.Combine(_folder, "compose.yaml"));
        File.Copy(Path.Combine(deploy, "compose", "haproxy.cfg"), Path.Combine(_folder, "compose", "haproxy.cfg"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_engine.Folder, File.GetUnixFileMode(_engine.Folder) | UnixFileMode.OtherExecute); // haproxy reads its file as another user
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), string.Create(CultureInfo.InvariantCulture, $"""
            MYSQL_ROOT_PASSWORD=first
            MYSQL_PASSWORD=second
            DIRECT_SIGNAL_KEY={Key}
            DIRECT_ENVIRONMENT=test
            DIRECT_SESSIONS=Server=mysql;Port=3306;User ID=direct;Password=second;Database=direct
            DIRECT_PORT=127.0.0.1:{Entry.WebSockets}
            DIRECT_SIGNAL_PORT={Entry.Signals}
            DIRECT_VERSION={_engine.Images.Tag}
            DIRECT_DESCRIPTORS=10000
            MYSQL_IMAGE={_engine.Images.StandIn("mysql")}
            HAPROXY_IMAGE={_engine.Images.StandIn("haproxy")}

            """));

        // podman raises limits that are not listed, which may need more privileges.
        var limits = string.Concat(((string[])["gateway-1", "gateway-2", "haproxy"]).Select(name => $"  {name}: {{ ulimits: {{ nproc: 10000 }} }}\n"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "machine.yaml"), $"services:\n{limits}");
    }

    private async Task RunAsync(params string[] arguments)
    {
        await using var command = _engine.Start(_compose[0], [.. _compose[1..], .. arguments], _folder);
        await command.EndsWellAsync(LongestCommand);
    }
}
