using System.Buffers;
using System.Text.Unicode;
using Direct.Edge.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Direct.Edge.Signals;

/// <summary>The HTTP API by which a backend reaches connections.</summary>
internal sealed partial class SignalEndpoint(
    SignalPublisher publisher,
    IOptions<SignalOptions> options,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<SignalEndpoint> logger)
{
    private readonly SignalOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context)
    {
        var arrived = timeProvider.GetTimestamp();
        try
        {
            await AnswerAsync(context);
        }
        catch (BadHttpRequestException exception)
        {
            await SignalAnswer.WriteAsync(context, new Problem(exception.StatusCode, "The request is not understood", exception.Message));
        }
#pragma warning disable CA1031 // The top of a request: the backend must be told.
        catch (Exception exception) when (exception is not OperationCanceledException and not IOException)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            if (!context.Response.HasStarted)
            {
                await SignalAnswer.WriteAsync(context, new Problem(500, "Failed", "The signal failed by a fault of this node; whether it was sent is not known."));
            }
        }
        finally
        {
            metrics.SignalAnswered(context.Response.StatusCode, timeProvider.GetElapsedTime(arrived));
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsPost(request.Method))
        {
            context.Response.Headers.Allow = "GET, POST";
            await SignalAnswer.WriteAsync(context, new Problem(405, "Method not allowed", $"The method is {request.Method}; expected GET or POST."));
        }
        else if (access.Check(context) is { } refusal)
        {
            await SignalAnswer.WriteAsync(context, refusal);
        }
        else if (gate.Obstacle is not null)
        {
            await SignalAnswer.WriteAsync(context, Problem.Unavailable("This node has not reached its cluster yet. Nothing was sent."));
        }
        else if (HttpMethods.IsPost(request.Method) && IsJson(request))
        {
            await AnswerBatchAsync(context);
        }
        else
        {
            await AnswerOneAsync(context);
        }
    }

    private async Task AnswerOneAsync(HttpContext context)
    {
        if (SignalQuery.TryParse(context.Request.QueryString.Value ?? "", out var query) is { } malformed)
        {
            await SignalAnswer.WriteAsync(context, malformed);
            return;
        }

        ReadOnlyMemory<byte>? message = query.Message is null ? default(ReadOnlyMemory<byte>?) : query.Message;
        if (HttpMethods.IsPost(context.Request.Method))
        {
            var (body, problem) = await ReadBodyAsync(context, _options.MaxMessageBytes, "Direct:Signals:MaxMessageBytes");
            if (problem is null && body.Length > 0)
            {
                problem = query.Message is not null
                    ? Problem.BadRequest("There is a 'message' parameter and a body: which is the message?")
                    : Utf8.IsValid(body.Span) ? null : Problem.BadRequest("The body, which is the message, is not valid UTF-8.");
                message = body;
            }

            if (problem is not null)
            {
                await SignalAnswer.WriteAsync(context, problem);
                return;
            }
        }

        if (SignalRequest.TryCreate(query.Part, message, query.Id, _options, out var request) is { } wrong)
        {
            await SignalAnswer.WriteAsync(context, wrong);
            return;
        }

        await SignalAnswer.WriteAsync(context, await await publisher.PlaceAsync(request!, timeProvider.GetTimestamp()));
    }

    private async Task AnswerBatchAsync(HttpContext context)
    {
        var (body, problem) = await ReadBodyAsync(context, _options.MaxBatchBytes, "Direct:Signals:MaxBatchBytes");
        List<SignalRequest> requests = [];
        problem ??= SignalBatchReader.TryRead(body, _options, out requests);
        if (problem is not null)
        {
            await SignalAnswer.WriteAsync(context, problem);
            return;
        }

        // Placed one after the other, which is their order; their receipts come when they come.
        var arrived = timeProvider.GetTimestamp();
        var answers = new Task<SignalOutcome>[requests.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = await publisher.PlaceAsync(requests[i], arrived);
        }

        await SignalAnswer.WriteAsync(context, await Task.WhenAll(answers));
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadBodyAsync(HttpContext context, int maxBytes, string setting)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // ours is the smaller one, and its refusal says which setting it is
        }

        var tooLarge = Problem.TooLarge($"The body has more than {maxBytes} bytes ({setting}).");
        if (context.Request.ContentLength > maxBytes)
        {
            return (default, tooLarge); // without waiting for what is not wanted
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            var buffer = result.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return (default, tooLarge);
            }

            if (result.IsCompleted)
            {
                var body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return (body, null);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.SignalFailed, LogLevel.Error, "A signal request failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
