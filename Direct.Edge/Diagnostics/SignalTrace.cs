using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Diagnostics;

/// <summary>
/// Creates the spans of a signal on this node: one for its request, and one for queueing it for the connections. They never contain the message, its
/// ids, or its sender; docs/reference/metrics.md lists what they contain.
/// </summary>
/// <remarks>
/// A signal carries its trace as text, because it waits in shared queues, which execution contexts do not follow. For the same reason no span here
/// becomes the current one of its thread: work that is started meanwhile would keep it.
/// </remarks>
internal static class SignalTrace
{
    /// <summary>Specifies the name of the source of all spans of Direct.</summary>
    public const string SourceName = "Direct";

    // Every system must accept this length (W3C Trace Context, 3.3.1.5); a longer state would be sent with every signal.
    private const int MaxStateCharacters = 512;

    private static readonly ActivitySource Source = new(SourceName, typeof(SignalTrace).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the span of a request, as a part of its caller's trace. Returns null if no listener records it.</summary>
    public static Activity? StartRequest(HttpRequest request)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var span = Start("signal", ActivityKind.Server, CallerOf(request));
        return span?.SetTag("http.request.method", request.Method);
    }

    /// <summary>Returns the parent of the spans of a request's signals; null unless the request's span is recorded.</summary>
    public static string? ParentOf(Activity? request) => request is { Recorded: true } ? request.Id : null;

    /// <summary>Ends the span of a request that has been answered.</summary>
    public static void EndRequest(Activity span, int status)
    {
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        End(span);
    }

    /// <summary>Records the result of a request's signals.</summary>
    public static void Describe(Activity? span, string target, int delivered, int gateways) => span?
        .SetTag("direct.target", target)
        .SetTag("direct.delivered", delivered)
        .SetTag("direct.gateways", gateways);

    /// <summary>Describes the signals of a JSON array, as for a single signal.</summary>
    public static void DescribeAll(Activity span, int signals, long delivered) => span
        .SetTag("direct.signals", signals)
        .SetTag("direct.delivered", delivered);

    /// <summary>Starts the span of queueing a signal for the connections of this node. Returns null if no listener records it.</summary>
    public static Activity? StartDelivery(string parent) =>
        Source.HasListeners() && ActivityContext.TryParse(parent, null, isRemote: true, out var context) ? Start("deliver", ActivityKind.Consumer, context) : null;

    /// <summary>Ends the span of a signal that is in the queues of its connections.</summary>
    public static void EndDelivery(Activity span, string target, int connections) =>
        End(span.SetTag("direct.target", target).SetTag("direct.delivered", connections));

    private static ActivityContext CallerOf(HttpRequest request)
    {
        var state = request.Headers.TraceState.ToString();
        return request.Headers.TraceParent is [{ } parent]
            && ActivityContext.TryParse(parent, state.Length is 0 or > MaxStateCharacters ? null : state, isRemote: true, out var caller) ? caller : default;
    }

    // Runs without a current span, which would otherwise become the parent if none is given.
    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            return Source.StartActivity(name, kind, parent);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private static void End(Activity span)
    {
        var current = Activity.Current;
        span.Dispose();
        Activity.Current = current;
    }
}
