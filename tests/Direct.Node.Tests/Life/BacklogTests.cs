using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Life;

/// <summary>
/// Regression test: a node asked the kernel to hold 512 connections that it had not accepted yet, however many the kernel may hold. When thousands of
/// clients came back at once, the kernel dropped their packets, and some of them connected only after 15 seconds.
/// </summary>
public sealed class BacklogTests
{
    private const int Connections = 2_000;

    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Connect_ToANodeThatDoesNotAccept_SucceedsAsOftenAsTheKernelAllows(string transport)
    {
        const string limit = "/proc/sys/net/core/somaxconn";
        Assert.SkipUnless(
            File.Exists(limit) && int.Parse(await File.ReadAllTextAsync(limit, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture) >= Connections,
            "the kernel holds fewer connections");
        await using var node = await NodeProcess.StartAsync($"transport={transport}");
        await node.SendAsync("STOP");
        var sockets = Enumerable.Range(0, Connections).Select(static _ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();
        try
        {
            await Deadline.RunAsync("all connect", async cancellationToken =>
                await Task.WhenAll(sockets.Select(socket => socket.ConnectAsync(IPAddress.Loopback, node.Port, cancellationToken).AsTask())));

            Assert.All(sockets, static socket => Assert.True(socket.Connected));
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }
}
