using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Signals;
using Direct.Edge.Tests.Fakes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Diagnostics;

/// <summary>Tests the spans of a single node: the request, and below it the delivery of each signal.</summary>
public sealed class SignalTraceTests : IDisposable
{
    private readonly TestGateway _gateway = new();
    private readonly TestSpans _spans = new();
    private readonly List<string?> _parents = [];

    public void Dispose()
    {
        _spans.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task Request_OfACallerThatTraces_IsASpanOfItsTrace()
    {
        await _gateway.JoinAsync(5, 7);

        await HandleAsync("GET", "?part=5,7,0&message=hello", traceState: "vendor=1");

        var request = Assert.Single(_spans.Named("signal"));
        Assert.Equal((ActivityKind.Server, _spans.Caller, "vendor=1"), (request.Kind, request.ParentSpanId, request.TraceStateString));
        Assert.Equal(
            "direct.delivered=1 direct.gateways=1 direct.target=room http.request.method=GET http.response.status_code=200", TestSpans.Tags(request));
        var delivery = Assert.Single(_spans.Named("deliver"));
        Assert.Equal((ActivityKind.Consumer, request.SpanId), (delivery.Kind, delivery.ParentSpanId));
        Assert.Equal("direct.delivered=1 direct.target=room", TestSpans.Tags(delivery));
    }

    [Fact]
    public async Task Request_OfAnArray_IsOneSpanAndADeliveryEach()
    {
        await HandleAsync("POST", "", """[{"part":"5,7,0","message":"a"},{"part":"0,0,3","message":"b"},{"part":"0,0,0","message":"c"}]""");

        var request = Assert.Single(_spans.Named("signal"));
        Assert.Equal("direct.delivered=0 direct.signals=3 http.request.method=POST http.response.status_code=200", TestSpans.Tags(request));
        Assert.Equal(["all", "room", "user"], _spans.Named("deliver").Select(span => (string)span.GetTagItem("direct.target")!).Order());
        Assert.All(_spans.Named("deliver"), span => Assert.Equal(request.SpanId, span.ParentSpanId));
    }

    [Theory]
    [InlineData("?part=1&message=x", 400, ActivityStatusCode.Unset)]
    [InlineData("?part=5,7,0&message=x", 503, ActivityStatusCode.Error)]
    public async Task Request_ThatIsRefused_HasItsStatus(string query, int status, ActivityStatusCode code)
    {
        await HandleAsync("GET", query, backplane: new FaultyBackplane { OnPublish = static _ => new PublishResult(new Receipt(ReceiptStatus.NotAccepted, 0, 0)) });

        var request = Assert.Single(_spans.Named("signal"));
        Assert.Equal((status, code), (request.GetTagItem("http.response.status_code"), request.Status));
    }

    [Fact]
    public async Task Request_OfACallerThatIsGoneBeforeItsAnswer_Is499AndNoError()
    {
        var body = new Pipe();
        await body.Writer.CompleteAsync(new ConnectionResetException("the caller has reset the connection"));

        await HandleAsync("POST", "?part=5,7,0", stream: body.Reader.AsStream());

        var request = Assert.Single(_spans.Named("signal"));
        Assert.Equal((499, ActivityStatusCode.Unset), (request.GetTagItem("http.response.status_code"), request.Status));
    }

    // Spans are stored in other systems with other access rights.
    [Fact]
    public async Task Spans_OfASignal_HoldNothingOfWhatItSaysOrWhoSaysIt()
    {
        const string Secret = "correcthorsebatterystaple";

        await HandleAsync("POST", $"?part=5,7,0&id={Secret}&key={Secret}", Secret, contentType: "text/plain", authorization: $"Bearer {Secret}");

        Assert.Equal(2, _spans.Ended.Count);
        Assert.All(_spans.Ended, span => Assert.DoesNotContain(Secret, $"{span.DisplayName} {TestSpans.Tags(span)} {span.StatusDescription}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00-{0}-{1}-00")] // the caller has not sampled the trace
    [InlineData("00-{0}-{1}")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Signal_OfARequestThatIsNotTraced_CarriesNothing(string? header)
    {
        var parent = header is null ? null : string.Format(null, header, _spans.TraceId, _spans.Caller);

        await HandleAsync("GET", "?part=5,7,0&message=hello", traceParent: parent ?? "");

        Assert.Equal([null], _parents);
        Assert.Empty(_spans.Ended);
    }

    [Fact]
    public async Task Signal_OfARequestThatIsTraced_CarriesItsSpan()
    {
        await HandleAsync("GET", "?part=5,7,0&message=hello");

        Assert.Equal([Assert.Single(_spans.Named("signal")).Id], _parents);
    }

    // Work that starts during a delivery, such as a drain, must not run under a span that has ended.
    [Fact]
    public void Delivery_WhileItIsUnderWay_IsNobodysCurrentSpan()
    {
        using var outer = new Activity("outer").Start();
        Activity? seen = null;
        var span = SignalTrace.StartDelivery(_spans.TraceParent)!;
        seen = Activity.Current;
        SignalTrace.EndDelivery(span, "room", 1);

        Assert.Equal((outer, outer, _spans.Caller), (seen, Activity.Current, span.ParentSpanId));
    }

    private async Task HandleAsync(
        string method, string query, string body = "", string? contentType = null, string? traceParent = null, string? traceState = null,
        string? authorization = null, FaultyBackplane? backplane = null, Stream? stream = null)
    {
        _ = _gateway.Hub;
        backplane ??= Recording();
        var signals = Options.Create(_gateway.Signals);
        var access = _gateway.NewSignalAccess();
        var endpoint = new SignalEndpoint(
            new SignalPublisher(backplane, signals, _gateway.Queues, _gateway.Clock), new SignalOutcomes(signals, Options.Create(_gateway.Idempotency), _gateway.Queues),
            new ExplainAnswer(new PresenceQueries(backplane, signals, _gateway.Clock)), signals,
            access, new NodeGate(), _gateway.Queues, _gateway.Metrics, _gateway.Clock, _gateway.Logger.For<SignalEndpoint>());
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = contentType ?? (body.StartsWith('[') ? "application/json" : null);
        context.Request.Body = stream ?? new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Request.Headers.TraceParent = traceParent ?? _spans.TraceParent;
        context.Request.Headers.TraceState = traceState;
        context.Request.Headers.Authorization = authorization;
        context.Response.Body = new MemoryStream();
        await endpoint.HandleAsync(context);
    }

    // Returns an in-process backplane that records the trace parents of signals.
    private FaultyBackplane Recording()
    {
        var inner = _gateway.Backplane;
        return new FaultyBackplane
        {
            OnPublish = signal =>
            {
                _parents.Add(signal.TraceParent);
                return inner.Publish(signal);
            },
        };
    }
}
