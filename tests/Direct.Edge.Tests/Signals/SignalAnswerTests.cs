using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Signals;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalAnswerTests
{
    [Fact]
    public async Task WriteAsync_AReceipt_IsItsJson()
    {
        var outcome = new SignalOutcome("order-1", new Receipt(ReceiptStatus.Delivered, 3, 2), null);

        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, outcome));

        Assert.Equal(
            (200, "application/json", """{"id":"order-1","delivered":3,"gateways":2}"""),
            (context.Response.StatusCode, context.Response.ContentType, Body(context)));
    }

    [Fact]
    public async Task WriteAsync_AReceiptWithPendingGateways_Is202ThatNamesThem()
    {
        var outcome = new SignalOutcome("order-1", new Receipt(ReceiptStatus.Delivered, 3, 1), null, ["gateway-2", "gateway-3"]);

        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, outcome));

        Assert.Equal(
            (202, """{"id":"order-1","delivered":3,"gateways":1,"pending":["gateway-2","gateway-3"]}"""),
            (context.Response.StatusCode, Body(context)));
    }

    [Fact]
    public async Task WriteAsync_AProblem_IsProblemJsonWithTheId()
    {
        var outcome = new SignalOutcome("order-1", default, Problem.Conflict("used before"));

        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, outcome));

        using var body = JsonDocument.Parse(Body(context));
        Assert.Equal((409, "application/problem+json"), (context.Response.StatusCode, context.Response.ContentType));
        Assert.Equal(("about:blank", "409", "used before", "order-1"), (Get("type"), Get("status"), Get("detail"), Get("id")));

        string Get(string name) => body.RootElement.GetProperty(name).ToString();
    }

    [Fact]
    public async Task WriteAsync_AProblem_SaysWhenToRetryIfThatHelps()
    {
        Assert.Equal("1", await RetryAfterAsync(Problem.Unavailable("no room")));
        Assert.Equal("37", await RetryAfterAsync(Problem.TooManyFailures("too many", 37)));
        Assert.Equal("", await RetryAfterAsync(Problem.Conflict("used before")));
        Assert.Equal("", await RetryAfterAsync(Problem.BadRequest("not understood")));

        static async Task<string> RetryAfterAsync(Problem problem) =>
            (await AnswerAsync(context => BackendAnswer.WriteAsync(context, problem))).Response.Headers.RetryAfter.ToString();
    }

    [Fact]
    public async Task WriteAsync_Unauthorized_SaysByWhat()
    {
        var context = await AnswerAsync(context => BackendAnswer.WriteAsync(context, Problem.Unauthorized("no key")));

        Assert.Equal((401, "Bearer"), (context.Response.StatusCode, context.Response.Headers.WWWAuthenticate.ToString()));
    }

    [Theory]
    [InlineData("\"'<>&\\/")]
    [InlineData("~!#$%^*()")]
    public async Task WriteAsync_AnIdThatJsonMustEscape_IsReadBack(string id)
    {
        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, new SignalOutcome(id, default, null)));

        using var body = JsonDocument.Parse(Body(context));
        Assert.Equal(id, body.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public async Task WriteAsync_ABatch_HasAStatusForEach()
    {
        SignalOutcome[] outcomes =
        [
            new("a", new Receipt(ReceiptStatus.Delivered, 3, 2), null),
            new("b", default, Problem.Conflict("used before")),
            new("c", new Receipt(ReceiptStatus.Delivered, 1, 1), null, ["gateway-2"]),
            new("d", default, Problem.Unavailable("no room")),
        ];

        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, outcomes));

        using var body = JsonDocument.Parse(Body(context));
        var items = body.RootElement.EnumerateArray().Select(item => $"{item.GetProperty("id")} {item.GetProperty("status")}");
        Assert.Equal(
            (200, "a 200|b 409|c 202|d 503"),
            (context.Response.StatusCode, string.Join('|', items)));
    }

    [Fact]
    public async Task WriteAsync_AnyAnswer_HasItsLength()
    {
        var context = await AnswerAsync(context => SignalAnswer.WriteAsync(context, new SignalOutcome("ö", default, null)));

        Assert.Equal(context.Response.Body.Length, context.Response.ContentLength);
    }

    private static async Task<HttpContext> AnswerAsync(Func<HttpContext, Task> answer)
    {
        var context = new DefaultHttpContext();
        context.Response.Body = new MemoryStream();
        await answer(context);
        return context;
    }

    private static string Body(HttpContext context) => System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
