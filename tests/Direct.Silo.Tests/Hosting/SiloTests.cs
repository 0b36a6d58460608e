using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Direct.Silo.Tests.Silos;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Hosting;

public sealed class SiloTests
{
    [Fact]
    public async Task Start_AloneOnThisMachine_SaysWhereItIsAndEndsGracefully()
    {
        string[] ports = TestSilo.Ports();
        await using var silo = TestSilo.Launch([.. ports, "Direct:Cluster:ClusterId=my-cluster"]);

        var ready = await silo.WaitForOutputAsync(TestSilo.Ready, timeout: TimeSpan.FromSeconds(60));
        var watch = Stopwatch.StartNew();
        await silo.TerminateAsync();
        var exitCode = await silo.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, exitCode);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Contains("my-cluster", ready, StringComparison.Ordinal);
        Assert.Contains($"version {BuildVersion.Read()},", ready, StringComparison.Ordinal);
        Assert.All(ports, port => Assert.Contains(port.Split('=')[1], ready, StringComparison.Ordinal));
        LogLines.AssertNone(silo.Output, line => LogLines.IsError(line) || line.Contains("ServerGC", StringComparison.Ordinal));
    }

    // Orleans shares ports (SO_REUSEPORT). Without the check both silos would start, and each would receive some of the other's calls.
    [Fact]
    public async Task Start_OnAPortInUse_IsRefusedNamingIt()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        var port = FreePort.Take();
        other.Bind(new IPEndPoint(IPAddress.Loopback, port));
        other.Listen();

        var (exitCode, output) = await TestSilo.RunAsync($"Direct:Silo:SiloPort={FreePort.Take()}", $"Direct:Silo:GatewayPort={port}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"127.0.0.1:{port}", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
    }

    // Regression test: both silos found the port free, and both listened on it afterwards.
    [Fact]
    public async Task Start_OfTwoAtTheSameMomentOnOnePort_LetsOneIn()
    {
        var ports = TestSilo.Ports();
        await using var first = TestSilo.Launch(ports);
        await using var second = TestSilo.Launch(ports);

        await Deadline.UntilAsync("one of two silos has ended", () => first.HasExited || second.HasExited, TimeSpan.FromSeconds(60));
        var (refused, started) = first.HasExited ? (first, second) : (second, first);
        var exitCode = await refused.WaitForExitAsync();

        await started.WaitForOutputAsync(TestSilo.Ready, timeout: TimeSpan.FromSeconds(60));
        Assert.Equal(1, exitCode);
        Assert.Contains(refused.Output, line => line.Contains("Nothing can listen on", StringComparison.Ordinal));
    }
}
