using System.Diagnostics;

namespace Direct.Grains.Topics;

/// <summary>
/// The spans of signals in a silo: one for each that is traced and gets its place. Those of the gateways it goes to are below it, so a
/// batch goes on with its own spans as their parents.
/// </summary>
internal static class LaneTrace
{
    private static readonly ActivitySource Source = new("Direct", typeof(LaneTrace).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the spans of a batch's signals; null when none is traced, or nobody listens.</summary>
    /// <param name="batch">Comes back with the spans in the place of their parents.</param>
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

    /// <summary>The batch has its place.</summary>
    /// <param name="spans">What <see cref="Start(ref SignalBatch)"/> gave.</param>
    /// <param name="gateways">How many gateways it goes to.</param>
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

    // None of them is the current one of its turn: the pumps that a batch may start would keep it.
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
            return Source.StartActivity("place", ActivityKind.Consumer, context);
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
