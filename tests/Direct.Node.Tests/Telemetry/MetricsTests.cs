using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Telemetry;

/// <summary>Tests the metrics page of a real node, as a scraper reads it.</summary>
public sealed class MetricsTests(TestNode node) : IClassFixture<TestNode>
{
    [Fact]
    public async Task Page_OfANodeInUse_IsWellFormedAndRight()
    {
        await using var first = await node.JoinAsync(node.NewNumber(), 1);
        await using var second = await node.JoinAsync(node.NewNumber(), 1);
        await first.BroadcastAsync("hello");
        Assert.Equal("hello", await first.ReceiveTextAsync());
        await Task.WhenAll(first.SyncAsync(), second.SyncAsync());
        await node.SignalAsync(0, 0, 0, "hi");
        Assert.Equal("hi hi", $"{await first.ReceiveTextAsync()} {await second.ReceiveTextAsync()}");

        var page = await ReadAsync();
        await Deadline.UntilAsync("the deliveries and the signal, which count once they are out and answered", async () =>
            (page = await ReadAsync()).Sum("direct_gateway_deliveries_total") >= 3 && page.Sum("direct_gateway_signal_duration_seconds_count") >= 1);

        Assert.Equal(2, page.Sum("direct_gateway_connections_active"));
        Assert.True(page.Sum("direct_gateway_connections_opened_total") >= 2);
        Assert.True(page.Sum("direct_gateway_signals_total", "status=\"200\"") >= 1);
        Assert.True(page.Sum("direct_gateway_signal_duration_seconds_bucket", "le=\"+Inf\"") >= 1);
        Assert.True(page.Sum("direct_gateway_signal_duration_seconds_bucket", "le=\"0.005\"") is not null, "buckets of the order of our durations");
        Assert.True(page.Sum("dotnet_process_memory_working_set_bytes") > 0);
        Assert.NotNull(page.Find("kestrel_active_connections"));
        Assert.Equal("WebSockets open now.", page.Find("direct_gateway_connections_active")!.Help);
    }

    // The caller resets its connection during its request. It gets no response, so none may be counted, and no error may be logged.
    [Theory]
    [InlineData("direct-signal")]
    [InlineData("direct-close")]
    public async Task Calls_OfACallerThatResetsItsConnection_CountAs499(string path)
    {
        using var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync(IPAddress.Loopback, node.Port, TestContext.Current.CancellationToken);
        await caller.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /!{path}?part=1,2,0 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"));
        var answer = new byte[100];
        var count = await caller.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 100 ", Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal); // the node waits for the body

        caller.LingerState = new LingerOption(true, 0);
        caller.Close();

        var counter = path == "direct-signal" ? "direct_gateway_signals_total" : "direct_gateway_queries_total";
        await Deadline.UntilAsync("the count", async () => (await ReadAsync()).Sum(counter, "status=\"499\"") == 1);
    }

    [Fact]
    public void Node_ThatExportsNothing_HasNoThreadForIt()
    {
        Assert.DoesNotContain(node.Process.ThreadNames, name => name.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    private Task<Exposition> ReadAsync() =>
        Exposition.ReadAsync(node.Process.Http, new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
}
