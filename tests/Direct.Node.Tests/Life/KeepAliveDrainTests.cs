using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Life;

/// <summary>Tests drains with callers of the signal API. Their connections belong to the web server with every transport.</summary>
public sealed class KeepAliveDrainTests
{
    // Regression test: Kestrel closed idle connections at once, also when a request was on its way. Several callers send requests without a pause here.
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

    // A request may be on its way to an idle connection. The time is measured from before SIGTERM, so a slow machine cannot make the wait look too short.
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
}
