using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

public sealed class HalfHandshakeTests(HostileNode node) : IClassFixture<HostileNode>
{
    /// <summary>Specifies the number of connections: that of the issue, or as many as the descriptors of this machine allow.</summary>
    private static readonly int Strangers = Math.Min(10_000, OpenFilesLimit() - 2_000);

    [Fact]
    public async Task HalfHandshakes_ByTheThousand_EndAndTheRestGoesOn()
    {
        await node.AssertUnharmedAsync();
        var (descriptors, memory) = (node.Process.OpenSockets, node.Process.ResidentKilobytes);
        var half = Encoding.ASCII.GetBytes(HandshakeOptions.Default.Render(node.Port)[..60]);
        await using var member = await node.JoinAsync(node.NewNumber(), 0);

        var sockets = new List<Socket>(Strangers);
        try
        {
            for (var i = 0; i < Strangers; i++)
            {
                sockets.Add(await OpenAsync(i));
                await sockets[i].SendAsync(half);
                if (i % 1_000 == 0)
                {
                    await member.BroadcastAsync($"{i}");
                    Assert.Equal($"{i}", await member.ReceiveTextAsync(TimeSpan.FromSeconds(5)));
                }
            }

            // All of them are still open on the client side, so it is the server that closes them.
            await Deadline.UntilAsync(
                $"{Strangers} half handshakes end",
                () => node.Process.OpenSockets <= descriptors + 10,
                TimeSpan.FromSeconds(40),
                () => $"{descriptors} descriptors before, {node.Process.OpenSockets} now");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await member.BroadcastAsync("end");
        Assert.Equal("end", await member.ReceiveTextAsync());
        await node.AssertUnharmedAsync();
        await node.WaitForMemoryAsync(memory, allowedKilobytes: 200_000);
    }

    private async Task<Socket> OpenAsync(int number)
    {
        // Uses several addresses, because one address runs out of ports while closed connections linger.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + (number % 4))]), 0));
        using var timeout = new CancellationTokenSource(Deadline.Default);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Port), timeout.Token);
        return socket;
    }

    private static int OpenFilesLimit()
    {
        // The format of the line is: Max open files            20000                20000                files
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return int.TryParse(soft, out var limit) ? limit : int.MaxValue;
    }
}
