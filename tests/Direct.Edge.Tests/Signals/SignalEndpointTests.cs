using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Signals;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Signals;

/// <summary>Tests the endpoint with backplane results that the in-process backplane never returns.</summary>
public sealed class SignalEndpointTests : IDisposable
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Query = "?part=1,2,0&message=hello&id=order-1";

    private readonly TestGateway _gateway = new();
    private readonly NodeGate _gate = new();
    private readonly FaultyBackplane _backplane = new() { OnPublish = _ => new PublishResult(new Receipt(ReceiptStatus.Delivered, 3, 2)) };

    private SignalAccess? _access;

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [InlineData("GET", "?part=1,2,0&message=hello", null, "")]
    [InlineData("POST", "?part=1,2,0", "text/plain", "hello")]
    [InlineData("POST", "", "application/json", "[{\"part\":\"1,2,0\",\"message\":\"hello\"}]")]
    [InlineData("POST", "", "application/x-www-form-urlencoded", "part=1,2,0&message=hello")]
    public async Task Handle_MemoryIsShort_Is503ThatNamesItAndSendsNothing(string method, string query, string? contentType, string body)
    {
        var published = Published();
        _gateway.Queues.Lanes.Add(_gateway.Queues.Bytes);

        var context = await HandleAsync(method, query, contentType, body);

        Assert.Equal((503, "1"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
        Assert.Contains("The memory of this gateway is short", Body(context), StringComparison.Ordinal);
        Assert.Empty(published);
        Assert.Equal(1, _gateway.Queues.RefusedSignals);
    }

    [Fact]
    public async Task Handle_BodyForWhichThereIsNoRoom_IsRefusedAtItsHead()
    {
        var published = Published();
        _gateway.Queues.Lanes.Add(_gateway.Queues.Bytes - 10);

        var context = await HandleAsync("POST", "?part=1,2,0", "text/plain", "hello");

        Assert.Equal(503, context.Response.StatusCode);
        Assert.Empty(published);
    }

    // The request was admitted, so the memory that it uses itself must not refuse its signals.
    [Fact]
    public async Task Handle_ArrayThatWasLetIn_HasTheReserve()
    {
        var published = Published();
        _gateway.Queues.Lanes.Add(_gateway.Queues.Bytes - 1000);
        _backplane.OnReady = _ =>
        {
            _gateway.Queues.Topics.Add(2000);
            return default;
        };

        var context = await HandleAsync("POST", "", "application/json", "[{\"part\":\"1,2,0\",\"message\":\"one\"},{\"part\":\"1,2,0\",\"message\":\"two\"}]");

        Assert.Equal((200, 2), (context.Response.StatusCode, published.Count));
    }

    [Theory]
    [InlineData(null, null, 403)]
    [InlineData("6f1e0d9a55c84b7a9e21", null, 401)]
    [InlineData("6f1e0d9a55c84b7a9e21", "?part=1,2,0&message=hello&key=wrong", 401)]
    [InlineData("6f1e0d9a55c84b7a9e21", "", 401)]
    [InlineData("6f1e0d9a55c84b7a9e21", "?part=%", 401)]
    public async Task HandleAsync_CallerThatMayNot_IsRefusedBeforeAnythingElseAndPublishesNothing(string? key, string? query, int status)
    {
        _gateway.Node.Environment = "production";
        _gateway.Signals.FailedAttemptsPerMinute = 2;
        _backplane.OnPublish = _ => throw new InvalidOperationException("published");
        if (key is not null)
        {
            _gateway.Signals.Keys.Add(key);
        }

        var get = await HandleAsync("GET", query ?? Query);
        var post = await HandleAsync("POST", query ?? Query, "application/json", "[");

        Assert.Equal((status, status), (get.Response.StatusCode, post.Response.StatusCode));
        Assert.Equal(status == 401 ? "Bearer" : "", get.Response.Headers.WWWAuthenticate.ToString());
        Assert.Equal("application/problem+json", get.Response.ContentType);
    }

    [Fact]
    public async Task HandleAsync_NodeWithoutItsCluster_Is503AndPublishesNothing()
    {
        _gate.Block("no silo");
        _backplane.OnPublish = _ => throw new InvalidOperationException("published");

        var context = await HandleAsync("GET", Query);

        Assert.Equal((503, false), (context.Response.StatusCode, string.IsNullOrEmpty(context.Response.Headers.RetryAfter)));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("get")]
    public async Task HandleAsync_AnotherMethod_Is405AndPublishesNothing(string method)
    {
        var published = 0;
        _backplane.OnPublish = _ =>
        {
            published++;
            return default;
        };

        var context = await HandleAsync(method, Query);

        Assert.Equal((method == "get" ? 200 : 405, method == "get" ? 1 : 0), (context.Response.StatusCode, published));
    }

    [Fact]
    public async Task HandleAsync_BackplaneThatThrows_Is500AndLogged()
    {
        _gateway.Logger.ExpectsErrors = true;
        _backplane.OnPublish = _ => throw new InvalidOperationException("an error of ours");

        var context = await HandleAsync("GET", Query);

        Assert.Equal(
            (500, "application/problem+json", 1),
            (context.Response.StatusCode, context.Response.ContentType, _gateway.Logger.Entries.Count));
        Assert.DoesNotContain("an error of ours", Body(context), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task HandleAsync_PostOfAnyOtherType_TakesTheBodyAsTheMessage(string? type)
    {
        string? message = null;
        _backplane.OnPublish = signal =>
        {
            message = Encoding.UTF8.GetString(signal.Payload.Span);
            return default;
        };

        await HandleAsync("POST", "?part=1,2,0", type, "a=b&c=+€");

        Assert.Equal("a=b&c=+€", message);
    }

    // curl -d, PHP and the requests library of Python send forms by default.
    [Theory]
    [InlineData("", "part=1,2,0&message=hello&id=order-1")]
    [InlineData("?part=1,2,0", "message=hello&id=order-1")]
    [InlineData("?id=order-1", "x=%&message=hel%6co&part=1%2C2%2C0")]
    [InlineData("?part=1,2,0&message=hello&id=order-1", "")]
    [InlineData("?part=1,2,0&id=order-1", "message=hello&message=again")]
    public async Task HandleAsync_PostOfAForm_TakesItsParametersAndThoseOfTheQuery(string query, string form)
    {
        var published = Published();

        var context = await HandleAsync("POST", query, Form, form);

        Assert.Equal((200, """{"id":"order-1","delivered":3,"gateways":2}"""), (context.Response.StatusCode, Body(context)));
        Assert.Equal(["1,2,0 hello"], published);
    }

    [Theory]
    [InlineData("?part=1,2,0", "hello", "Content-Type")]
    [InlineData("?part=1,2,0", "text=hello", "Content-Type")]
    [InlineData("?part=1,2,0", "message=%", "'message' is badly escaped")]
    [InlineData("?part=1,2,0", "message=%ff", "'message' is not valid UTF-8")]
    [InlineData("?part=1,2,0", "part=1,2,0&message=hello", "'part' is in the query string and in the body")]
    [InlineData("?part=1,2,0&message=", "message=hello", "'message' is in the query string and in the body")]
    [InlineData("", "message=hello", "'part' is missing")]
    public async Task HandleAsync_PostOfAFormThatIsWrong_IsA400ThatSaysWhatAndPublishesNothing(string query, string form, string detail)
    {
        var published = Published();

        var context = await HandleAsync("POST", query, Form, form);

        Assert.Equal(400, context.Response.StatusCode);
        Assert.Contains(detail, Json(context).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(published);
    }

    [Fact]
    public async Task HandleAsync_PostOfAFormWithExplain_PublishesNothing()
    {
        var published = Published();

        await HandleAsync("POST", "?part=1", Form, "explain=1&message=hello");

        Assert.Empty(published);
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(101, 413)]
    [InlineData(10_000, 413)]
    public async Task HandleAsync_PostOfAForm_MayHaveTheLongestMessageInEscapes(int bytes, int status)
    {
        _gateway.Signals.MaxMessageBytes = 100;
        Published();

        var context = await HandleAsync("POST", "?part=1,2,0", Form, "message=" + string.Concat(Enumerable.Repeat("%41", bytes)));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.True(status == 200 || Body(context).Contains("Direct:Signals:MaxMessageBytes", StringComparison.Ordinal), Body(context));
    }

    [Fact]
    public async Task HandleAsync_PostOfAFormWhereFormsAreNotRead_TakesTheBodyAsTheMessage()
    {
        _gateway.Signals.ReadForms = false;
        var published = Published();

        await HandleAsync("POST", "?part=1,2,0", Form, "message=hello");

        Assert.Equal(["1,2,0 message=hello"], published);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task HandleAsync_PostOfJson_IsAnsweredForEachItem(string type)
    {
        const string Items = """[{"part":"1,2,0","message":"a","id":"x"},{"part":"0,0,5","message":"b","id":"y"}]""";

        var context = await HandleAsync("POST", "", type, Items);

        Assert.Equal(
            (200, """[{"id":"x","delivered":3,"gateways":2,"status":200},{"id":"y","delivered":3,"gateways":2,"status":200}]"""),
            (context.Response.StatusCode, Body(context)));
    }

    [Fact]
    public async Task HandleAsync_BatchWithAWrongItem_PublishesNothing()
    {
        var published = 0;
        _backplane.OnPublish = _ =>
        {
            published++;
            return default;
        };

        const string Items = """[{"part":"1,2,0","message":"a"},{"part":"1,2","message":"b"}]""";

        var context = await HandleAsync("POST", "", "application/json", Items);

        Assert.Equal((400, 0), (context.Response.StatusCode, published));
    }

    // One dead gateway must not cost a backend one timeout for every item of a batch.
    [Fact]
    public async Task HandleAsync_BatchWhileOneGatewayDoesNotAnswer_IsAnsweredInTheTimeOfOne()
    {
        var placed = 0;
        _backplane.OnPublish = _ =>
        {
            placed++;
            return new PublishResult(new FakePendingReceipt(new Receipt(ReceiptStatus.Delivered, 1, 1), "gateway-2"));
        };
        var items = string.Join(',', Enumerable.Repeat("""{"part":"1,2,0","message":"a"}""", 10));
        var handling = HandleAsync("POST", "", "application/json", $"[{items}]");

        await Deadline.UntilAsync("the wait", () => _gateway.Clock.ArmedTimers > 1);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(2.5));

        Assert.Equal(10, placed);
        await Deadline.RunAsync("the answer", token => new ValueTask(handling.WaitAsync(token)));
    }

    [Fact]
    public async Task HandleAsync_Batch_IsAcceptedAndAnsweredInItsOrder()
    {
        var published = new List<string>();
        _backplane.OnPublish = signal =>
        {
            published.Add(Encoding.UTF8.GetString(signal.Payload.Span));
            return new PublishResult(new Receipt(ReceiptStatus.Delivered, published.Count, 1));
        };
        var items = Enumerable.Range(0, 50).Select(i => $$"""{"part":"{{i % 3}},0,0","message":"{{i}}","id":"{{i}}"}""");

        var context = await HandleAsync("POST", "", "application/json", $"[{string.Join(',', items)}]");

        using var body = JsonDocument.Parse(Body(context));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), published);
        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => $"{i} {i + 1}"),
            body.RootElement.EnumerateArray().Select(item => $"{item.GetProperty("id")} {item.GetProperty("delivered")}"));
    }

    [Fact]
    public async Task HandleAsync_EveryAnswer_IsCountedByItsStatus()
    {
        await HandleAsync("GET", Query);
        await HandleAsync("GET", "?part=1&message=x");

        Assert.Equal(
            (1.0, 1.0),
            (_gateway.Meters.Sum("direct.gateway.signals", "status=200"), _gateway.Meters.Sum("direct.gateway.signals", "status=400")));
    }

    // A caller that disconnects before its request is complete gets no response, and must not be counted as 200.
    [Theory]
    [InlineData(true, "text/plain")]
    [InlineData(false, "text/plain")]
    [InlineData(true, "application/json")]
    [InlineData(false, Form)]
    public async Task HandleAsync_CallerThatIsGoneBeforeItsAnswer_IsCountedAs499(bool isReset, string type)
    {
        var published = Published();

        await HandleAsync("POST", "?part=1,2,0", type, BrokenBody(isReset).Reader.AsStream(), isAborted: !isReset);

        Assert.Equal("status=499", Assert.Single(_gateway.Meters.Measurements, each => each.Instrument == "direct.gateway.signals").Tags);
        Assert.Empty(published);
    }

    // A cancellation while the caller still waits is an internal error.
    [Fact]
    public async Task HandleAsync_CanceledWhileTheCallerWaits_Is500AndLogged()
    {
        _gateway.Logger.ExpectsErrors = true;
        _backplane.OnPublish = _ => throw new OperationCanceledException();

        var context = await HandleAsync("GET", Query);

        Assert.Equal(
            (500, 1.0, 1), (context.Response.StatusCode, _gateway.Meters.Sum("direct.gateway.signals", "status=500"), _gateway.Logger.Entries.Count));
    }

    private static JsonElement Json(HttpContext context)
    {
        using var json = JsonDocument.Parse(Body(context));
        return json.RootElement.Clone();
    }

    private List<string> Published()
    {
        var published = new List<string>();
        _backplane.OnPublish = signal =>
        {
            published.Add($"{signal.Target} {Encoding.UTF8.GetString(signal.Payload.Span)}");
            return new PublishResult(new Receipt(ReceiptStatus.Delivered, 3, 2));
        };
        return published;
    }

    private static string Body(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private static Pipe BrokenBody(bool isReset)
    {
        var body = new Pipe();
        body.Writer.Complete(isReset ? new ConnectionResetException("the caller has reset the connection") : new OperationCanceledException());
        return body;
    }

    private Task<HttpContext> HandleAsync(string method, string query, string? contentType = null, string body = "") =>
        HandleAsync(method, query, contentType, new MemoryStream(Encoding.UTF8.GetBytes(body)));

    private async Task<HttpContext> HandleAsync(string method, string query, string? contentType, Stream body, bool isAborted = false)
    {
        _ = _gateway.Hub;
        var endpoint = new SignalEndpoint(
            new SignalPublisher(_backplane, Options.Create(_gateway.Signals), _gateway.Queues, _gateway.Clock),
            new SignalOutcomes(Options.Create(_gateway.Signals), Options.Create(_gateway.Idempotency), _gateway.Queues),
            new ExplainAnswer(new PresenceQueries(_backplane, Options.Create(_gateway.Signals), _gateway.Clock)),
            Options.Create(_gateway.Signals),
            _access ??= _gateway.NewSignalAccess(),
            _gate,
            _gateway.Queues,
            _gateway.Metrics,
            _gateway.Clock,
            _gateway.Logger.For<SignalEndpoint>());
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = contentType;
        context.Request.Body = body;
        context.RequestAborted = new CancellationToken(isAborted);
        context.Response.Body = new MemoryStream();
        await endpoint.HandleAsync(context);
        return context;
    }
}
