using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Edge.Connections;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Tests.Hosting;
using Direct.Edge.Transport.Loop;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>
/// Tests that every accepted socket is closed exactly once, in any state in which it ends. The clients run in the same process, so a descriptor that
/// the node closes twice, or uses after the close, soon is one of theirs, and they then fail with an unexpected error.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SocketChurnTests
{
    private const int Visits = 4_000;
    private const int AtOnce = 16;

    private static readonly byte[] Head = Encoding.ASCII.GetBytes(UsualHeads.Plain);
    private static readonly byte[] Request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastRequest = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray();
    private static readonly byte[] CutRequest = "POST /!direct-signal?part=0,0,0 HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray();

    private static readonly byte[] Session =
    [
        .. Head, .. ClientFrame.Text("token").Encode(), .. ClientFrame.Text("1,2").Encode(), .. ClientFrame.Text(":one").Encode(),
        .. ClientFrame.Text(":two").Encode(),
    ];

    // The errors that a client may get when the server has closed or reset its connection.
    private static readonly SocketError[] Usual = [SocketError.ConnectionReset, SocketError.Shutdown, SocketError.ConnectionAborted];

    private static readonly Action<Socket>[] Ways =
    [
        static _ => { }, // sends nothing
        static socket => socket.Send(Head.AsSpan(0, 40)), // half a head
        static socket =>
        {
            socket.Send(Head.AsSpan(0, 40));
            socket.Shutdown(SocketShutdown.Send);
            ReadToEnd(socket);
        },
        static socket => // the head in two pieces
        {
            socket.Send(Head.AsSpan(0, 40));
            socket.Send(Head.AsSpan(40));
            Read(socket);
        },
        static socket => socket.Send(Request), // leaves before the response
        static socket => // reads the response, twice
        {
            socket.Send(Request);
            Read(socket);
            socket.Send(Request);
            Read(socket);
        },
        static socket =>
        {
            socket.Send(LastRequest);
            ReadToEnd(socket);
        },
        static socket =>
        {
            socket.Send(Request);
            socket.Shutdown(SocketShutdown.Send);
            ReadToEnd(socket);
        },
        static socket => socket.Send(CutRequest),
        static socket => // Kestrel answers 400 and closes
        {
            socket.Send("nonsense\r\n\r\n"u8);
            ReadToEnd(socket);
        },
        static socket => socket.Send(Session), // leaves before the 101
        static socket => // leaves in the middle
        {
            socket.Send(Session);
            Read(socket);
        },
        static socket => // sends no more, and waits for the server to close
        {
            socket.Send(Session);
            socket.Shutdown(SocketShutdown.Send);
            ReadToEnd(socket);
        },
        static socket => // a frame that never becomes whole
        {
            socket.Send(Head);
            Read(socket);
            socket.Send(ClientFrame.Text(new string('x', 5_000)).Encode().AsSpan(0, 3_000));
        },
        static socket => // sends a close frame
        {
            socket.Send([.. Session, .. ClientFrame.Close(1000).Encode()]);
            ReadToEnd(socket);
        },
        static socket => // sends a frame without a mask, which is refused
        {
            socket.Send([.. Head, .. (ClientFrame.Text("token") with { Masked = false }).Encode(), .. ClientFrame.Close(1000).Encode()]);
            ReadToEnd(socket);
        },
    ];

    [Theory]
    [InlineData("direct")]
    [InlineData("kestrel")]
    public async Task Sockets_ThatComeAndGoInEveryWay_LeaveNoDescriptor(string transport)
    {
        LinuxOnly.SkipElsewhere();
        using var meters = new TestMeters();
        var port = FreePort.Take();
        await using var node = Create(transport, port, meters);
        await node.StartAsync();
        await VisitAsync(port, Ways.Length * 2, atOnce: 1); // after this, everything that is loaded or opened only once exists
        await WaitUntilEmptyAsync(node, meters);
        var before = OpenSockets();

        await using (var first = await ProtocolClient.ConnectWithTokenAsync(port))
        {
            await using var second = await ProtocolClient.ConnectWithTokenAsync(port);
            await first.JoinAsync(7, 7);
            await second.JoinAsync(7, 7);
            var churn = VisitAsync(port, Visits, AtOnce);
            for (var said = 0; said == 0 || !churn.IsCompleted; said++)
            {
                await first.BroadcastAsync($"steady {said}");
                Assert.Equal($"steady {said}", await first.ReceiveTextAsync());
                Assert.Equal($"steady {said}", await second.ReceiveTextAsync());
            }

            await churn;
            await first.CloseAsync();
            await second.CloseAsync();
        }

        await WaitUntilEmptyAsync(node, meters);
        await Deadline.UntilAsync(
            "the sockets come back", () => OpenSockets() <= before, actual: () => $"{before} before, {OpenSockets()} now");
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("kestrel")]
    public async Task Sockets_OpenWhenTheNodeStops_LeaveNoDescriptor(string transport)
    {
        LinuxOnly.SkipElsewhere();
        var port = FreePort.Take(); // the claim of the port is a socket too
        await StartAndStopAsync(transport, port);
        var before = OpenSockets();

        await StartAndStopAsync(transport, port);

        await Deadline.UntilAsync(
            "the sockets come back", () => OpenSockets() <= before, actual: () => $"{before} before, {OpenSockets()} now");
    }

    private static async Task StartAndStopAsync(string transport, int port)
    {
        using var meters = new TestMeters();
        var sockets = new List<Socket>();
        await using (var node = Create(transport, port, meters))
        {
            await node.StartAsync();
            for (var i = 0; i < 4 * Ways.Length; i++)
            {
                var socket = Connect(port);
                sockets.Add(socket);
                try
                {
                    Ways[i % Ways.Length](socket);
                }
                catch (SocketException exception) when (Usual.Contains(exception.SocketErrorCode))
                {
                    // The server has already closed the connection.
                }
            }
        }

        Assert.Equal(0, meters.Sum("direct.gateway.tcp.active"));
        sockets.ForEach(static socket => socket.Dispose());
    }

    private static TestComposition Create(string transport, int port, TestMeters meters) => TestComposition.Create(
        services => services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(meters),
        "env=test", $"port={port}", "Direct:Endpoints:Address=127.0.0.1", $"transport={transport}", "Direct:Endpoints:Loops=2",
        "Direct:Connections:CloseTimeout=00:00:01", "Direct:Limits:HandshakeTimeout=00:00:01");

    private static Task VisitAsync(int port, int visits, int atOnce) => Parallel.ForAsync(
        0, visits, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, (number, _) =>
        {
            using var socket = Connect(port);
            try
            {
                Ways[number % Ways.Length](socket);
            }
            catch (SocketException exception) when (Usual.Contains(exception.SocketErrorCode))
            {
                // The server has already closed the connection.
            }

            if (number / Ways.Length % 2 == 1)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0); // a close now resets the connection
            }

            return default;
        });

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)Deadline.Default.TotalMilliseconds,
        };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static int Read(Socket socket) => socket.Receive(new byte[4096]);

    private static void ReadToEnd(Socket socket)
    {
        while (Read(socket) > 0)
        {
        }
    }

    private static Task WaitUntilEmptyAsync(TestComposition node, TestMeters meters) => Deadline.UntilAsync(
        "all have ended",
        () => node.Get<ConnectionRegistry>().Count == 0 && node.Get<LoopTransport>().Open == 0 && meters.Sum("direct.gateway.tcp.active") == 0,
        actual: () => $"{node.Get<ConnectionRegistry>().Count} connections, {node.Get<LoopTransport>().Open} sockets of the loops, {meters.Sum("direct.gateway.tcp.active")} of TCP");

    // Counts sockets only, because the runtime opens other descriptors at any time for assemblies and event queues.
    private static int OpenSockets() => Directory.GetFileSystemEntries("/proc/self/fd")
        .Count(static descriptor => new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
