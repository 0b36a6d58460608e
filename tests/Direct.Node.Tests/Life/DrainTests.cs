using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

public sealed class DrainTests
{
    [Fact]
    public async Task Sigterm_WithoutConnections_ExitsWith0()
    {
        await using var node = await NodeProcess.StartAsync();

        await node.TerminateAsync();

        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigint_WithoutConnections_ExitsWith0()
    {
        Interrupts.SkipWhenIgnored();
        await using var node = await NodeProcess.StartAsync();

        await node.SendAsync("INT");

        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithAReadyDelay_IsUnreadyFirstThenStopsListeningThenCloses4001()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:ReadyDelay=00:00:02", "Direct:Drain:Window=00:00:01");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(1, 2);

        await node.TerminateAsync();

        // The balancer is told before anything ends: whoever is sent here meanwhile is still served.
        await Deadline.UntilAsync("unready after SIGTERM", async () => await StatusAsync(node, "/readyz") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, "/livez"));
        await using var late = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await late.JoinAsync(1, 2);
        Assert.Equal(2, (await node.SignalAsync("1,2,0", "during the delay")).Delivered);
        Assert.Equal("during the delay", await client.ReceiveTextAsync());
        Assert.Equal("during the delay", await late.ReceiveTextAsync());

        await Deadline.UntilAsync("connections are refused", async () => await IsRefusedAsync(node.Port));
        var status = await client.ReceiveCloseAsync();
        Assert.Equal(4001, status.Code);
        Assert.StartsWith("gateway draining", status.Reason, StringComparison.Ordinal);
        Assert.Equal(4001, (await late.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithManyConnections_ClosesAllWithinTheWindowSpreadOut()
    {
        // 100 connections at 50 a second: two seconds, well inside the window.
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:10", "Direct:Drain:ClosesPerSecond=50");
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < 100; i++)
        {
            clients.Add(await ProtocolClient.ConnectWithTokenAsync(node.Port));
        }

        await node.TerminateAsync();
        var watch = Stopwatch.StartNew();
        var closes = await Task.WhenAll(clients.Select(async client => (Status: await client.ReceiveCloseAsync(), At: watch.Elapsed)));

        Assert.All(closes, close => Assert.Equal(4001, close.Status.Code));
        var spread = closes.Max(close => close.At) - closes.Min(close => close.At);
        Assert.InRange(spread, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(6));
        Assert.Equal(0, await node.WaitForExitAsync());
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sigterm_WithMoreConnectionsThanThePaceAllows_KeepsToTheWindow()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:01", "Direct:Drain:ClosesPerSecond=1");
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await ProtocolClient.ConnectWithTokenAsync(node.Port));
        }

        await node.TerminateAsync();
        var watch = Stopwatch.StartNew();
        var closes = await Task.WhenAll(clients.Select(client => client.ReceiveCloseAsync()));

        Assert.All(closes, status => Assert.Equal(4001, status.Code));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.Equal(0, await node.WaitForExitAsync());
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sigterm_WithMessagesWaiting_FlushesThemFirst()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:05");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port, options: new HandshakeOptions { ReceiveBufferBytes = 4096 });
        await client.JoinAsync(1, 2);
        var texts = Enumerable.Range(0, 100).Select(number => $"{number} {new string('x', 1_000)}").ToArray();
        foreach (var text in texts)
        {
            Assert.Equal(1, (await node.SignalAsync("1,2,0", text)).Delivered);
        }

        await node.TerminateAsync();

        Assert.Equal(texts[..^1], await client.ReceiveTextsUntilAsync(texts[^1]));
        Assert.Equal(4001, (await client.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithAClientWithoutAToken_ClosesItToo()
    {
        await using var node = await NodeProcess.StartAsync();
        await using var client = await ProtocolClient.ConnectAsync(node.Port);
        await client.SyncAsync();

        await node.TerminateAsync();

        Assert.Equal(4001, (await client.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_WithClientsThatNeverAnswerNorRead_ExitsAllTheSame()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:Window=00:00:01", "Direct:Connections:CloseTimeout=00:00:01");
        await using var silent = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var half = await ProtocolClient.OpenAsync(node.Port);
        await half.SendRawAsync("GET /!direct HTTP/1.1\r\nHost"u8.ToArray());

        await node.TerminateAsync();

        Assert.Equal(0, await node.WaitForExitAsync());
    }

    // Kestrel closed idle connections at once, also under a request that was on its way.
    [Theory]
    [InlineData("00:00:00")]
    [InlineData("00:00:01")]
    public async Task Sigterm_UnderKeepAliveRequests_AnswersEachWithConnectionClose(string readyDelay)
    {
        await using var node = await NodeProcess.StartAsync($"Direct:Drain:ReadyDelay={readyDelay}");
        var callers = Enumerable.Range(0, 8).Select(_ => KeepAliveCaller.Start(node.Port)).ToArray();
        await Deadline.UntilAsync("every caller has been answered", () => callers.All(static caller => caller.Answers > 10));

        await node.TerminateAsync();

        await Task.WhenAll(callers.Select(static caller => caller.Ended));
        Assert.All(callers, static caller => Assert.Equal("answered with Connection: close", caller.Outcome));
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    // A request may be on its way. From before SIGTERM, so that a slow machine cannot make the wait look too short.
    [Fact]
    public async Task Sigterm_WithAnIdleKeepAliveConnection_ClosesItAQuarterOfASecondLater()
    {
        await using var node = await NodeProcess.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Port), TestContext.Current.CancellationToken);
        using var stream = new NetworkStream(socket);
        var reader = new BufferedReader(stream);
        await stream.WriteAsync("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await HttpAnswerReader.ReadAsync(reader, hasBody: true, TestContext.Current.CancellationToken)).Status);
        Assert.Empty(reader.Buffered.ToArray());

        var watch = Stopwatch.StartNew();
        await node.TerminateAsync();
        Assert.False(await Deadline.RunAsync("the idle connection is closed", async token => await reader.FillAsync(token)));

        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(20));
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Sigterm_Twice_EndsAtOnce()
    {
        await using var node = await NodeProcess.StartAsync("Direct:Drain:ReadyDelay=00:00:30");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await node.TerminateAsync();
        await Deadline.UntilAsync("unready after SIGTERM", async () => await StatusAsync(node, "/readyz") == HttpStatusCode.ServiceUnavailable);

        await node.TerminateAsync();

        Assert.Equal(143, await node.WaitForExitAsync(TimeSpan.FromSeconds(5)));
    }

    // What a process ignores when it starts, its children ignore too.
    private static async Task<HttpStatusCode> StatusAsync(NodeProcess node, string path)
    {
        using var answer = await node.Http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            await using var client = await ProtocolClient.OpenAsync(port);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }
}
