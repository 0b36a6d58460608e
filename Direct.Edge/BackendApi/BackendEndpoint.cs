using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.BackendApi;

/// <summary>
/// Checks the caller and the method of a call, and makes sure that every call is answered. All endpoints for backends derive from this class.
/// </summary>
internal abstract partial class BackendEndpoint(SignalAccess access, NodeGate gate, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Gets whether the endpoint accepts POST besides GET.</summary>
    protected abstract bool TakesPost { get; }

    protected TimeProvider Time => timeProvider;

    /// <summary>Returns whether the answer takes only microseconds, so that the thread that has read the request may write it.</summary>
    protected virtual bool IsQuick(HttpRequest request) => false;

    public async Task HandleAsync(HttpContext context)
    {
        var arrivedAt = timeProvider.GetTimestamp();
        var status = StatusCodes.Status499ClientClosedRequest; // unless there is an answer
        try
        {
            await CheckAndAnswerAsync(context, arrivedAt);
            status = context.Response.StatusCode;
        }
        catch (BadHttpRequestException exception)
        {
            await BackendAnswer.WriteAsync(context, new Problem(exception.StatusCode, "The request is not understood", exception.Message));
            status = exception.StatusCode;
        }
        catch (Exception exception) when (IsCallerGone(context, exception))
        {
            context.Abort(); // otherwise the server would complete an answer that was never begun
        }
#pragma warning disable CA1031 // The top of a request: the backend must get an answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            status = StatusCodes.Status500InternalServerError;
            Log.Failed(logger, exception, context.Request.Path);
            if (!context.Response.HasStarted)
            {
                await BackendAnswer.WriteAsync(
                    context, new Problem(500, "Failed", "The call failed because of an error in this node; whether it was carried out is not known."));
            }
        }
        finally
        {
            Answered(status, timeProvider.GetElapsedTime(arrivedAt));
        }
    }

    /// <summary>Returns whether a call ended because its caller has disconnected, so that no answer is needed.</summary>
    protected static bool IsCallerGone(HttpContext context, Exception exception) =>
        exception is IOException || (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    /// <summary>Answers a call that has passed the checks.</summary>
    protected abstract Task AnswerAsync(HttpContext context, long arrivedAt);

    /// <summary>Counts the answer. The status is 499 if the caller disconnected before there was an answer.</summary>
    protected abstract void Answered(int status, TimeSpan duration);

    private async Task CheckAndAnswerAsync(HttpContext context, long arrivedAt)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !(TakesPost && HttpMethods.IsPost(method)))
        {
            context.Response.Headers.Allow = TakesPost ? "GET, POST" : "GET";
            await BackendAnswer.WriteAsync(
                context, new Problem(405, "Method not allowed", $"The method is {method}; expected {(TakesPost ? "GET or POST" : "GET")}."));
        }
        else if (access.Check(context) is { } refusal)
        {
            await BackendAnswer.WriteAsync(context, refusal);
        }
        else if (gate.NotReadyReason is not null)
        {
            await BackendAnswer.WriteAsync(context, Problem.Unavailable("This node has not reached its cluster yet. Nothing was sent or done."));
        }
        else
        {
            if (!IsQuick(context.Request))
            {
                await DrainScheduler.YieldToThreadPoolAsync();
            }

            await AnswerAsync(context, arrivedAt);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.SignalFailed, LogLevel.Error, "A backend's call to {Path} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string? path);
    }
}
