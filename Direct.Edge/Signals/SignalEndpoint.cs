using System.Diagnostics;
using System.Text.Unicode;
using Direct.Edge.BackendApi;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Signals;

/// <summary>Implements the HTTP API by which a backend sends signals to connections.</summary>
internal sealed class SignalEndpoint(
    SignalPublisher publisher,
    SignalOutcomes outcomes,
    ExplainAnswer explain,
    IOptions<SignalOptions> options,
    SignalAccess access,
    NodeGate gate,
    QueueBudget queues,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<SignalEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    private static readonly Problem NoMessageInForm = Problem.BadRequest(
        "'message' is missing: the body is read as a form (application/x-www-form-urlencoded), in which message=text is expected. "
        + "With another Content-Type, text/plain for instance, the body itself is the message.");

    private readonly SignalOptions _options = options.Value;

    protected override bool TakesPost => true;

    protected override bool IsQuick(HttpRequest request) => HttpMethods.IsGet(request.Method);

    protected override void Answered(int status, TimeSpan duration) => metrics.SignalAnswered(status, duration);

    protected override Task AnswerAsync(HttpContext context, long arrivedAt) => SignalTrace.StartRequest(context.Request) is { } span
        ? AnswerTracedAsync(context, arrivedAt, span)
        : AnswerAsync(context, arrivedAt, null);

    private async Task AnswerTracedAsync(HttpContext context, long arrivedAt, Activity span)
    {
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await AnswerAsync(context, arrivedAt, span);
            status = context.Response.StatusCode;
        }
        catch (BadHttpRequestException exception)
        {
            status = exception.StatusCode;
            throw;
        }
        catch (Exception exception) when (IsCallerGone(context, exception))
        {
            status = StatusCodes.Status499ClientClosedRequest;
            throw;
        }
        finally
        {
            SignalTrace.EndRequest(span, status);
        }
    }

    private Task AnswerAsync(HttpContext context, long arrivedAt, Activity? span) =>
        HttpMethods.IsPost(context.Request.Method) && RequestBody.Is(context.Request, "application/json") ? AnswerBatchAsync(context, span) : AnswerOneAsync(context, arrivedAt, span);

    private async Task AnswerOneAsync(HttpContext context, long arrivedAt, Activity? span)
    {
        var (form, malformed) = await RequestForm.ReadAsync(context, _options, queues);
        SignalQuery? query = null;
        malformed ??= SignalQuery.TryParse(context.Request.QueryString.Value ?? "", out query, form);
        if (malformed is not null)
        {
            await BackendAnswer.WriteAsync(context, malformed);
            return;
        }

        if (query!.IsExplain)
        {
            await DrainScheduler.YieldToThreadPoolAsync();
            await explain.WriteAsync(context, query.Part, arrivedAt);
            return;
        }

        var (message, problem) = await ReadMessageAsync(context, query);
        if (problem is not null)
        {
            await BackendAnswer.WriteAsync(context, problem);
            return;
        }

        if (SignalRequest.TryCreate(query.Part, message, query.Id, _options, out var request) is { } wrong)
        {
            await BackendAnswer.WriteAsync(context, wrong);
            return;
        }

        if (MemoryShortage.Refuse(queues) is { } shortage)
        {
            await SignalAnswer.WriteAsync(context, new SignalOutcome(request!.Id, default, shortage));
            return;
        }

        var published = await publisher.PublishAsync(request!, Time.GetTimestamp(), SignalTrace.ParentOf(span));
        var outcome = outcomes.Of(request!, await published.Completion);
        SignalTrace.Describe(span, Topic.For(request!.Target).KindName, outcome.Receipt.Delivered, outcome.Receipt.Gateways);
        await SignalAnswer.WriteAsync(context, outcome);
    }

    private async ValueTask<(ReadOnlyMemory<byte>? Message, Problem? Problem)> ReadMessageAsync(HttpContext context, SignalQuery query)
    {
        ReadOnlyMemory<byte>? message = query.Message is null ? default(ReadOnlyMemory<byte>?) : query.Message;
        if (RequestForm.Is(context.Request, _options))
        {
            return message is null ? (null, NoMessageInForm) : (message, null);
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return (message, null);
        }

        var (body, problem) = await RequestBody.ReadAsync(context, _options.MaxMessageBytes, "Direct:Signals:MaxMessageBytes", queues);
        if (problem is not null || body.Length == 0)
        {
            return (message, problem);
        }

        return query.Message is not null
            ? (null, Problem.BadRequest("There is a 'message' parameter and a body: which is the message?"))
            : Utf8.IsValid(body.Span) ? (body, null) : (null, Problem.BadRequest("The body, which is the message, is not valid UTF-8."));
    }

    private async Task AnswerBatchAsync(HttpContext context, Activity? span)
    {
        if (RefuseExplain(context.Request) is { } refusal)
        {
            await BackendAnswer.WriteAsync(context, refusal);
            return;
        }

        var (body, problem) = await RequestBody.ReadAsync(context, _options.MaxBatchBytes, "Direct:Signals:MaxBatchBytes", queues);
        await DrainScheduler.YieldToThreadPoolAsync(); // the last part of the body may have arrived on a loop thread
        List<SignalRequest> requests = [];
        problem ??= SignalBatchReader.TryRead(body, _options, out requests);
        if (problem is not null)
        {
            await BackendAnswer.WriteAsync(context, problem);
            return;
        }

        // Publishes one after the other, which is their order; the receipts may arrive in any order.
        var arrived = Time.GetTimestamp();
        var traceParent = SignalTrace.ParentOf(span);
        var outcomesToCome = new Task<SignalOutcome>[requests.Count];
        for (var i = 0; i < outcomesToCome.Length; i++)
        {
            outcomesToCome[i] = OutcomeAsync(requests[i], await publisher.PublishAsync(requests[i], arrived, traceParent));
        }

        var answers = await Task.WhenAll(outcomesToCome);
        if (span is not null)
        {
            SignalTrace.DescribeAll(span, answers.Length, answers.Sum(static answer => (long)answer.Receipt.Delivered));
        }

        await SignalAnswer.WriteAsync(context, answers);
    }

    // Created as soon as the result is known: the reason of a refusal is counted, and quotes figures of that moment.
    private async Task<SignalOutcome> OutcomeAsync(SignalRequest request, PublishedSignal published) => outcomes.Of(request, await published.Completion);

    // No other parameter of an array's query string is read, but an array with explain must not be sent.
    private static Problem? RefuseExplain(HttpRequest request) =>
        QueryParameters.TryParse(request.QueryString.Value ?? "", ["explain"], out var query)
        ?? query.TryReadSwitch("explain", out var isExplain)
        ?? (isExplain
            ? Problem.BadRequest("'explain' is 1, and the body is a JSON array: one target at a time is explained, by part=. Nothing was sent.")
            : null);
}
