using System.Diagnostics;

namespace Direct.Grains.Topics;

/// <summary>
/// Creates the trace spans of signals in a silo: one for each traced signal that is accepted. The spans of the gateways that receive it are its
/// children, so the batch continues with the new spans as parents.
/// </summary>
internal static class LaneTrace
{
    private static readonly ActivitySource Source = new("Direct", typeof(LaneTrace).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the spans of a batch's signals. Returns null if no signal is traced or nothing listens.</summary>
    /// <param name="batch">Gets the new spans as the parents of its signals.</param>
    public static List<Activity>? Start(ref SignalBatch batch)
    {
        if (!Array.Exists(batch.Signals, static signal => signal.TraceParent is not null) || !Source.HasListeners())
        {
            return null;
        }

        var spans = new List<Activity>();
        var scope = batch.Lane.Scope.ToString().ToLowerInvariant();
        var signals = Array.ConvertAll(batch.Signals, signal =>
        {
            if (Start(signal.TraceParent) is not { } span)
            {
                return signal;
            }

            spans.Add(span.SetTag("direct.target", scope));
            return span.Recorded ? signal with { TraceParent = span.Id } : signal;
        });
        batch = batch with { Signals = signals };
        return spans;
    }

    /// <summary>Ends the spans: the batch has been accepted.</summary>
    /// <param name="spans">The result of <see cref="Start(ref SignalBatch)"/>.</param>
    /// <param name="gateways">The number of gateways that the batch goes to.</param>
    public static void End(List<Activity>? spans, int gateways)
    {
        if (spans is null)
        {
            return;
        }

        var current = Activity.Current;
        spans.ForEach(span => span.SetTag("direct.gateways", gateways).Dispose());
        Activity.Current = current;
    }

    // The span does not become the current activity: pumps that a batch starts would inherit it.
    private static Activity? Start(string? parent)
    {
        if (!ActivityContext.TryParse(parent, null, isRemote: true, out var context))
        {
            return null;
        }

        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            return Source.StartActivity("accept", ActivityKind.Consumer, context);
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
