using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Tracing;

/// <summary>Tests that the spans of a signal form one trace through its gateway, a silo and the gateways of its members.</summary>
public sealed class SignalTraceTests(SharedCluster shared)
{
    [Fact]
    public async Task Signal_OfACallerThatTraces_IsOneTraceFromTheRequestToTheGateways()
    {
        using var spans = new TestSpans();
        var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
        await using var onA = await shared.A.JoinAsync(group, channel);
        await using var alsoOnA = await shared.A.JoinAsync(group, channel);
        await using var onB = await shared.B.JoinAsync(group, channel);
        await shared.C.DeliverAsync($"{group},{channel},0", "the lane learns who wants it"); // the lane then does not call C

        await SendAsync(spans.TraceParent, $"{group},{channel},0");

        await EndedAsync(spans, 4);
        var request = Assert.Single(spans.Named("signal"));
        var accept = Assert.Single(spans.Named("accept"));
        var deliveries = spans.Named("deliver");
        Assert.Equal((spans.Caller, request.SpanId), (request.ParentSpanId, accept.ParentSpanId));
        Assert.All(deliveries, delivery => Assert.Equal(accept.SpanId, delivery.ParentSpanId));
        Assert.Equal(["1", "2"], deliveries.Select(delivery => $"{delivery.GetTagItem("direct.delivered")}").Order());
        Assert.Equal("direct.gateways=2 direct.target=room", TestSpans.Tags(accept));
        Assert.Equal(("3", "2"), ($"{request.GetTagItem("direct.delivered")}", $"{request.GetTagItem("direct.gateways")}"));
    }

    private async Task SendAsync(string traceParent, string part)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{shared.C.Port}/!direct-signal?part={part}&message=hello");
        request.Headers.Add("traceparent", traceParent);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{answer}");
    }

    private static Task EndedAsync(TestSpans spans, int count) => Deadline.UntilAsync(
        $"{count} spans", () => spans.Ended.Count >= count, actual: () => string.Join(", ", spans.Ended.Select(span => span.OperationName)));
}
