using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Access;

/// <summary>Represents a real load balancer before a node, which appends the address of its peer to <c>X-Forwarded-For</c>.</summary>
internal sealed class Haproxy : IAsyncDisposable
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"];

    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private Haproxy(TemporaryFolder folder, Process process, int port) => (_folder, _process, Port) = (folder, process, port);

    /// <summary>Gets the path of the program, or null when it is not installed.</summary>
    public static string? Program { get; } = Folders.Select(folder => Path.Combine(folder, "haproxy")).FirstOrDefault(File.Exists);

    public int Port { get; }

    public static async Task<Haproxy> StartAsync(int nodePort)
    {
        var (folder, port) = (new TemporaryFolder(), FreePort.Take());
        var configuration = folder.Write("haproxy.cfg", $"""
            global
              maxconn 100
            defaults
              mode http
              option forwardfor
              timeout connect 5s
              timeout client 20s
              timeout server 20s
            frontend strangers
              bind 127.0.0.1:{port}
              default_backend nodes
            backend nodes
              server node 127.0.0.1:{nodePort}

            """);
        var process = Process.Start(Program!, ["-f", configuration, "-db", "-q"]);
        var proxy = new Haproxy(folder, process, port);
        await Deadline.UntilAsync($"haproxy listens on {port}", proxy.ListensAsync);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> ListensAsync()
    {
        Assert.False(_process.HasExited, "haproxy ended by itself");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
