using System.Globalization;
using System.Net;
using System.Text;
using Direct.Testing.Metrics;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

/// <summary>
/// Tests queues for connections that do not read, which together exceed the memory of the container although each is within its own limit. The budget
/// for all queues prevents that the process is killed: connections that read receive everything, and the others are closed with the reason.
/// </summary>
public sealed class MemoryLimitTests(ITestOutputHelper output)
{
    private const long ContainerBytes = 300_000_000;

    // The number times the queue limit of one connection is twice the memory of the container.
    private const int Slow = 150;
    private const int Readers = 3;
    private const int MessageBytes = 60_000;
    private const int MostSignals = 600;

    private static readonly HandshakeOptions SmallBuffer = new() { ReceiveBufferBytes = 4096 };

    [Theory]
    [InlineData("cluster=none", "direct")]
    [InlineData("cluster=none", "kestrel")]
    [InlineData("cluster=localhost", "direct")]
    public async Task ConnectionsThatDoNotRead_MoreThanThereIsMemoryFor_AreClosedAndTheRestGetsEverything(string cluster, string transport)
    {
        using var group = MemoryGroup.TryCreate(ContainerBytes, out var why);
        Assert.SkipWhen(group is null, why);
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            MemoryGroup = group,
            Arguments =
            [
                cluster, $"transport={transport}",
                "Direct:Connections:QueueBytes=4194304",
                "Direct:Connections:ReadTimeout=00:10:00",
                "Direct:Connections:CloseTimeout=00:05:00", // no client is dropped before it has read the reason
            ],
        });
        var slow = new List<ProtocolClient>();
        var readers = new List<ProtocolClient>();
        try
        {
            for (var i = 0; i < Slow + Readers; i++)
            {
                var client = await ProtocolClient.ConnectWithTokenAsync(node.Port, options: i < Slow ? SmallBuffer : null);
                (i < Slow ? slow : readers).Add(client);
                await client.JoinAsync(1, 2);
            }

            // The receipts must match what the readers received: nothing of a refused signal, and all others.
            var (sent, refused, delivered) = (0, 0, Slow + Readers);
            for (; delivered > Readers && sent < MostSignals; sent++)
            {
                var text = sent.ToString(CultureInfo.InvariantCulture).PadRight(MessageBytes, 'x');
                var (status, count, body) = await SignalAsync(node, text);
                if (status is HttpStatusCode.ServiceUnavailable)
                {
                    refused++;
                    Assert.Contains("memory", body, StringComparison.Ordinal);
                    Assert.Contains("Nothing was sent", body, StringComparison.Ordinal);
                    continue;
                }

                Assert.Equal(HttpStatusCode.OK, status);
                delivered = count;
                foreach (var reader in readers)
                {
                    Assert.Equal(text, await reader.ReceiveTextAsync());
                }
            }

            output.WriteLine($"{cluster}, {transport}: {sent} signals of {MessageBytes} bytes, {refused} refused; the container had {group!.PeakBytes / 1_000_000} MB of {ContainerBytes / 1_000_000} at most");
            Assert.Equal((0L, false), (group.Killed, node.HasExited));
            Assert.Equal(Readers, delivered);
            var ends = await Task.WhenAll(slow.Select(HowItEndsAsync));
            Assert.All(ends, static end => Assert.Contains(end, (string[])["4002", "dropped"]));
            Assert.Contains("4002", ends);
            var metrics = await Exposition.ReadAsync(node.Http, new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.InRange(metrics.Sum("direct_gateway_memory_shed_total", "what=\"slow_reader\"")!.Value, 1, Slow);
            await node.WaitForOutputAsync("Memory is short");

            // After at least five seconds everything is as before, and no memory is held, not even by the pool of the buffers. Signals that are
            // refused meanwhile reach no connection.
            var left = "";
            await Deadline.UntilAsync(
                "there is memory again",
                async () =>
                {
                    metrics = await Exposition.ReadAsync(node.Http, new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
                    var heapBytes = metrics.Sum("dotnet_gc_last_collection_heap_size_bytes");
                    left = $"{metrics.Sum("direct_gateway_memory_queued_bytes")} bytes wait, the heap has {heapBytes}";
                    return metrics.Sum("direct_gateway_memory_pressure") == 0 && heapBytes < ContainerBytes / 2.0;
                },
                actual: () => left);
            (var taken, delivered, var answer) = await SignalAsync(node, "afterwards");
            Assert.True(taken is HttpStatusCode.OK, answer);
            Assert.Equal(Readers, delivered);
            foreach (var reader in readers)
            {
                Assert.Equal("afterwards", await reader.ReceiveTextAsync());
            }
        }
        finally
        {
            foreach (var client in (ProtocolClient[])[.. slow, .. readers])
            {
                await client.DisposeAsync();
            }
        }
    }

    /// <summary>Tests that requests are refused with 503 when their bodies exceed the memory, and that the process continues.</summary>
    [Fact]
    public async Task Bodies_MoreThanThereIsMemoryFor_AreRefusedWith503()
    {
        using var group = MemoryGroup.TryCreate(ContainerBytes, out var why);
        Assert.SkipWhen(group is null, why);
        await using var node = await NodeProcess.StartAsync(new NodeOptions { MemoryGroup = group, Arguments = ["cluster=none"] });
        var batch = $"[{string.Join(',', Enumerable.Range(0, 60).Select(_ => $"{{\"part\":\"1,2,0\",\"message\":\"{new string('x', 60_000)}\"}}"))}]";
        var answers = new Dictionary<HttpStatusCode, int>();

        for (var round = 0; round < 3; round++)
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => PostAsync(node, batch)));
            foreach (var status in statuses)
            {
                answers[status] = answers.GetValueOrDefault(status) + 1;
            }
        }

        output.WriteLine($"{string.Join(", ", answers)}; the container had {group!.PeakBytes / 1_000_000} MB of {ContainerBytes / 1_000_000} at most");
        Assert.Equal((0L, false), (group.Killed, node.HasExited));
        Assert.All(answers.Keys, status => Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable]));
        Assert.True(answers.ContainsKey(HttpStatusCode.OK));
        await Deadline.UntilAsync("signals are taken again", async () => (await SignalAsync(node, "afterwards")).Status is HttpStatusCode.OK);
    }

    // While memory is still short, a client that does not even read its close frame loses its TCP connection.
    private static async Task<string> HowItEndsAsync(ProtocolClient client)
    {
        while (true)
        {
            var frame = await client.ReceiveAsync();
            if (frame.IsEnd || frame.IsClose)
            {
                return frame.IsEnd ? "dropped" : frame.Status.Code.ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private static async Task<HttpStatusCode> PostAsync(NodeProcess node, string batch)
    {
        using var content = new StringContent(batch, Encoding.UTF8, "application/json");
        using var response = await node.Http.PostAsync(new Uri("/!direct-signal", UriKind.Relative), content);
        return response.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, int Delivered, string Body)> SignalAsync(NodeProcess node, string text)
    {
        using var content = new StringContent(text, Encoding.UTF8, "text/plain");
        using var response = await node.Http.PostAsync(new Uri("/!direct-signal?part=1,2,0", UriKind.Relative), content);
        var receipt = await SignalReceiptReader.ReadAsync(response);
        return (receipt.Status, receipt.Delivered ?? 0, receipt.Body);
    }
}
