using Direct.Stress.Protocol;

namespace Direct.Stress.Measuring;

/// <summary>Counts the deliveries of one process. Its methods are called for each delivery, some million times a second.</summary>
/// <param name="run">The run whose messages count.</param>
/// <param name="epoch">The start of the run in ticks, from which the stamps count.</param>
internal sealed class DeliveryTally(uint run, long epoch)
{
    private long _windowStart = long.MaxValue;
    private ulong _windowTicks;

    public Histogram Latency { get; } = new();

    /// <summary>Gets all deliveries of this run, from the first message to the last.</summary>
    public long Received { get; private set; }

    public long ReceivedInWindow { get; private set; }

    public long Duplicated { get; private set; }

    public long Reordered { get; private set; }

    /// <summary>Gets the messages that this run did not send.</summary>
    public long Foreign { get; private set; }

    public long Unique => Received - Duplicated;

    /// <summary>Sets the window in which rates and latencies are measured.</summary>
    public void SetWindow(long start, long end)
    {
        _windowStart = start;
        _windowTicks = (ulong)(end - start);
    }

    public bool IsInWindow(long ticks) => (ulong)(ticks - _windowStart) < _windowTicks;

    /// <summary>Reads a message. Returns false, and counts it as foreign, if it does not belong to this run.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out MessageStamp stamp)
    {
        if (MessageStamp.TryRead(text, out stamp) && stamp.Run == run)
        {
            return true;
        }

        Foreign++;
        return false;
    }

    /// <summary>
    /// Counts a message. Messages that were sent in the window, and were not replayed, determine the latency, messages that arrive in it the rate.
    /// </summary>
    public Arrival Count(ArrivalOrder order, int sender, in MessageStamp stamp, long now, bool isReplayed)
    {
        Received++;
        if (IsInWindow(now))
        {
            ReceivedInWindow++;
        }

        var arrival = order.Take(sender, stamp.Sequence);
        if (arrival is Arrival.Again)
        {
            Duplicated++;
            return arrival;
        }

        if (arrival is Arrival.Late)
        {
            Reordered++;
        }

        var sent = epoch + stamp.Ticks;
        if (!isReplayed && IsInWindow(sent))
        {
            Latency.Add(now - sent);
        }

        return arrival;
    }

    /// <summary>Counts a message without a number, of which only the arrival is known.</summary>
    public void CountUnnumbered(long now, long? sent)
    {
        Received++;
        if (IsInWindow(now))
        {
            ReceivedInWindow++;
        }

        if (sent is { } ticks)
        {
            Latency.Add(now - ticks);
        }
    }
}
