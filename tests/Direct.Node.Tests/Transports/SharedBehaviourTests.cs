using System.Diagnostics;
using System.Net;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>
/// Tests behaviour of connections that must be equal on both transports, besides that of the other tests, which also run on both. The nodes run
/// without a silo, because a silo has no part in transports.
/// </summary>
public sealed class SharedBehaviourTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static readonly HandshakeOptions SmallBuffer = new() { ReceiveBufferBytes = 4096 };

    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Member_ThatDoesNotRead_FindsWhatFittedInOrderAndThen4002(string transport)
    {
        const int LeastSignals = 256 * 1024 / 50_000; // the queue of the connection alone holds as many
        await using var node = await NodeProcess.StartAsync("cluster=none", DirectTransport.Argument(transport));
        await using var slow = await ProtocolClient.ConnectWithTokenAsync(node.Port, options: SmallBuffer);
        await slow.JoinAsync(1, 2);
        var filling = new string('x', 50_000);
        for (var sent = 0; (await node.SignalAsync("1,2,0", $"{sent} {filling}")).Delivered == 1; sent++)
        {
            Assert.InRange(sent, 0, 500);
        }

        var heard = 0;
        ServerFrame frame;
        while ((frame = await slow.ReceiveAsync()).IsText)
        {
            Assert.Equal($"{heard++} {filling}", frame.Text);
        }

        Assert.True(frame.IsClose && frame.Status.Code == 4002, $"4002 expected, got {frame}");
        Assert.InRange(heard, LeastSignals, 500);
    }

    // A client that reads late, but before the timeout, receives all messages and the close reason during a drain. The node waits that long and no longer.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Sigterm_WhileSomebodyReadsLate_WaitsForItsCloseFrame(string transport)
    {
        await using var node = await NodeProcess.StartAsync(
            "cluster=none", DirectTransport.Argument(transport), "Direct:Connections:CloseTimeout=00:00:10", "Direct:Drain:Window=00:00:01");
        await using var late = await ProtocolClient.ConnectWithTokenAsync(node.Port, options: SmallBuffer);
        await using var prompt = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await late.JoinAsync(1, 2);
        var (text, sent) = (new string('x', 50_000), 0);
        for (; sent < 60; sent++)
        {
            Assert.Equal(1, (await node.SignalAsync("1,2,0", text)).Delivered); // more than the buffer of the client and the first buffer of the kernel hold
        }

        await node.TerminateAsync();
        Assert.Equal(4001, (await prompt.ReceiveCloseAsync()).Code);
        await Deadline.PaceAsync(1_000); // the client reads late: nothing else happens meanwhile
        Assert.False(node.HasExited);

        for (; sent > 0; sent--)
        {
            Assert.Equal(text, await late.ReceiveTextAsync());
        }

        Assert.Equal(4001, (await late.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    // The client does not answer the close frame. TCP is then reset and not closed gracefully: otherwise the kernel would hold the unread bytes for minutes.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Client_ThatNeverAnswersTheCloseFrame_IsResetAtTheCloseTimeout(string transport)
    {
        var node = nodes.Of(transport);
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.SendTextAsync("neither");
        Assert.Equal(1008, (await client.ReceiveCloseFrameAsync()).Code);
        var watch = Stopwatch.StartNew();

        Assert.Equal(StreamEnd.Reset, await client.ReceiveEndAsync());

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.5), TimeSpan.MaxValue);
    }

    // The same for clients that do not read. The kernel holds megabytes for each of them, which count towards no limit of the node.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Members_ThatNeverRead_LeaveNothingInTheKernelAfterTheCloseTimeout(string transport)
    {
        var node = nodes.Of(transport);
        var deaf = new List<ProtocolClient>();
        for (var i = 0; i < 3; i++)
        {
            deaf.Add(await ProtocolClient.ConnectWithTokenAsync(node.Port, options: SmallBuffer));
            await deaf[i].JoinAsync(1, 2);
        }

        var filling = new string('x', 60_000);
        for (var sent = 0; (await node.SignalAsync("1,2,0", filling)).Delivered > 0; sent++)
        {
            Assert.InRange(sent, 0, 500);
        }

        await Deadline.UntilAsync(
            "nothing waits to be sent to those who were dropped",
            () => KernelQueue.BytesToSend(node.Port) == 0,
            TimeSpan.FromSeconds(6),
            () => $"{KernelQueue.BytesToSend(node.Port)} bytes do");
        foreach (var client in deaf)
        {
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Peer_OfTheOtherAddressFamily_IsWhoItIs(string transport)
    {
        var port = FreePort.Take();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments =
            [
                "cluster=none", DirectTransport.Argument(transport), $"port={port}", "Direct:Endpoints:Address=::1",
                "env=production", "sessions=none", "Logging:LogLevel:Direct=Debug", "Direct:Identity:TrustedProxies:0=none",
            ],
            ReadyUri = new Uri($"http://[::1]:{port}/readyz"),
        });
        await using var client = await ProtocolClient.ConnectAsync(port, new HandshakeOptions { Address = IPAddress.IPv6Loopback });
        await client.SendTextAsync("token");
        await client.CloseAsync();

        // The id of the text "::1" by the formula of the protocol.
        await node.WaitForOutputAsync(" of user -364823692 ended");
    }

    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Connection_ThatSaysNothing_EndsAtTheIdleTimeoutAndLeavesNothing(string transport)
    {
        await using var node = await NodeProcess.StartAsync("cluster=none", DirectTransport.Argument(transport), "Direct:Limits:IdleTimeout=00:00:01");
        await using var member = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        var before = node.OpenSockets;
        var watch = Stopwatch.StartNew();
        var silent = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ProtocolClient.OpenAsync(node.Port)));

        var ends = await Task.WhenAll(silent.Select(async client =>
        {
            await client.ReadResponseAsync();
            return (client.Response.Status, watch.Elapsed);
        }));

        Assert.All(ends, end => Assert.Equal(0, end.Status));
        Assert.All(ends, end => Assert.InRange(end.Elapsed, TimeSpan.FromSeconds(0.7), TimeSpan.MaxValue));
        await Deadline.UntilAsync(
            "their sockets are closed", () => node.OpenSockets <= before, actual: () => $"{before} before, {node.OpenSockets} now");
        await member.SyncAsync(); // the idle timeout does not apply to a WebSocket
        foreach (var client in silent)
        {
            await client.DisposeAsync();
        }
    }

    // The same port number at two addresses, plain at one and TLS at the other. Plain text must never be accepted at the TLS endpoint.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task PlainText_AtATlsPortWithThePlainPortsNumber_IsRefused(string transport)
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        var elsewhere = IPAddress.Parse("127.0.0.2");
        await using var node = await NodeProcess.StartAsync(
            [
                "cluster=none", DirectTransport.Argument(transport), $"port={port}", $"Kestrel:Endpoints:Wss:Url=https://{elsewhere}:{port}", .. Certificate.In(folder),
            ]);

        await using var plain = await ProtocolClient.QueryAsync(port, new HandshakeOptions { Address = elsewhere });
        await using var secure = await ProtocolClient.ConnectAsync(port, new HandshakeOptions { Address = elsewhere, Tls = true });
        await using var plainAtItsOwn = await ProtocolClient.ConnectAsync(port);

        Assert.NotEqual(101, plain.Response.Status);
        await secure.SyncAsync();
        await plainAtItsOwn.SyncAsync();
    }

    // A frame may be split at any position, and any number of times.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Frames_InPiecesOfEverySize_AreReadAsTheyWereSent(string transport)
    {
        var node = nodes.Of(transport);
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(1, 2);
        var texts = Enumerable.Range(0, 400).Select(number => $"{number} {new string('x', number)}").ToArray();
        var bytes = texts.SelectMany(text => ClientFrame.Text(":" + text).Encode()).ToArray();

        var random = new Random(7);
        var sending = SendAsync();
        foreach (var text in texts)
        {
            Assert.Equal(text, await client.ReceiveTextAsync());
        }

        await sending;

        async Task SendAsync()
        {
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 600), bytes.Length - at);
                await client.SendRawAsync(bytes.AsMemory(at, length));
                at += length;
            }
        }
    }

    // The input exceeds one read and one slice: the connection continues to read, and other connections get their slices.
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Flood_OfOneConnection_KeepsItsOrderAndDelaysNobody(string transport)
    {
        var node = nodes.Of(transport);
        await using var flooder = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var other = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await flooder.JoinAsync(1, 1);
        await other.JoinAsync(2, 2);
        var pings = Enumerable.Range(0, 20_000).Select(number => new ClientFrame(Opcode.Ping, Encoding.ASCII.GetBytes($"{number}")));

        var sending = flooder.SendAsync(pings);
        var heard = ReadUntilAsync();
        while (!heard.IsCompleted)
        {
            await other.BroadcastAsync("x");
            Assert.Equal("x", await other.ReceiveTextAsync());
        }

        await heard;
        await sending;

        async Task ReadUntilAsync()
        {
            for (var number = 0; number < 20_000; number++)
            {
                var frame = await flooder.ReceiveAsync();
                Assert.True(frame.IsPong && Encoding.ASCII.GetString(frame.Payload) == $"{number}", $"pong {number} expected, got {frame}");
            }
        }
    }
}
