using System.Net;
using System.Net.Sockets;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Life;

/// <summary>
/// Regression test: clients that filled the public port also used up the connections and descriptors of the management port. A probe of <c>/livez</c>
/// then failed, and an orchestrator would have ended a working node. With few descriptors left the process crashed.
/// </summary>
public sealed class ManagementReserveTests
{
    private const int Strangers = 600;

    // An embedded silo opens descriptors after the limits have been computed; without it there are fewer.
    [Theory]
    [InlineData("localhost", 420)]
    [InlineData("none", 300)]
    public Task ManagementPort_WhilePublicPortIsFull_Answers(string cluster, int descriptors) => FillAndProbeAsync(cluster, descriptors);

    /// <summary>Tests a process that needs more descriptors than computed, so that descriptors run out before the connection limit is reached.</summary>
    [Fact]
    public async Task ManagementPort_WhileTheProcessHasHardlyAnyDescriptorLeft_Answers()
    {
        var needed = 0;
        var management = FreePort.Take();
        await using (var node = await StartAsync("localhost", management, descriptors: null))
        {
            await RawHttp.RequestAsync(management, "GET", "/metrics");
            needed = Directory.GetFileSystemEntries($"/proc/{node.Pid}/fd").Length;
        }

        await FillAndProbeAsync("localhost", needed + 12);
    }

    private static Task<NodeProcess> StartAsync(string cluster, int management, int? descriptors) => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = [$"cluster={cluster}", $"Direct:Endpoints:ManagementPort={management}"],
        ReadyUri = new Uri($"http://127.0.0.1:{management}/readyz"),
        DescriptorLimit = descriptors,
    });

    private static async Task FillAndProbeAsync(string cluster, int descriptors)
    {
        var management = FreePort.Take();
        await using var node = await StartAsync(cluster, management, descriptors);
        using var crowd = new Crowd();
        await crowd.FillAsync(node.Port, Strangers);

        // Each probe uses a separate connection, several times: one that the first probe closes must not make room for the next.
        for (var round = 0; round < 3; round++)
        {
            foreach (var path in (string[])["/livez", "/readyz", "/metrics"])
            {
                Assert.Equal(200, (await RawHttp.RequestAsync(management, "GET", path)).Status);
            }
        }

        Assert.True(crowd.Dropped > 0, "the public port was not full");
        Assert.False(node.HasExited);
    }

    /// <summary>Represents TCP connections that send nothing.</summary>
    private sealed class Crowd : IDisposable
    {
        private readonly List<Socket> _sockets = [];
        private readonly HashSet<Socket> _ended = [];
        private int _resets;

        /// <summary>Gets the number of connections that the node has ended. A reset is reported once only: afterwards the socket is not connected.</summary>
        public int Dropped
        {
            get
            {
                _ended.UnionWith(_sockets.Where(HasEnded));
                return _resets + _ended.Count;
            }
        }

        public async Task FillAsync(int port, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                }
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
                {
                    _resets++;
                }
            }

            await Deadline.UntilAsync("the node is full and drops some", () => Dropped > 0);
        }

        public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

        private static bool HasEnded(Socket socket)
        {
            try
            {
                return socket.Connected && socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[1], SocketFlags.Peek) == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }
}
