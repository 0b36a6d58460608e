using System.Collections.Concurrent;
using System.Diagnostics;

namespace Direct.Testing.Metrics;

/// <summary>Listens to Direct's spans of one trace that a caller has started, so that concurrent tests do not affect the result. Disposing stops the listener.</summary>
public sealed class TestSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TestSpans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Direct",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == TraceId && options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ActivityTraceId TraceId { get; } = ActivityTraceId.CreateRandom();

    /// <summary>Gets the id of the caller's span.</summary>
    public ActivitySpanId Caller { get; } = ActivitySpanId.CreateRandom();

    /// <summary>Gets the <c>traceparent</c> header that the caller sends.</summary>
    public string TraceParent => $"00-{TraceId}-{Caller}-01";

    /// <summary>Gets the spans that have ended.</summary>
    public IReadOnlyList<Activity> Ended => [.. _ended.Where(span => span.TraceId == TraceId)];

    public IReadOnlyList<Activity> Named(string name) => [.. Ended.Where(span => span.OperationName == name)];

    /// <summary>Returns the tags of a span as <c>name=value</c>, sorted by name.</summary>
    public static string Tags(Activity span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return string.Join(' ', span.TagObjects.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
    }

    public void Dispose() => _listener.Dispose();
}
