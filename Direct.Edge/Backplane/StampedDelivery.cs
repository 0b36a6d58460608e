using Direct.Edge.Keeping;

namespace Direct.Edge.Backplane;

/// <summary>Represents the result of one signal on a keeper, for which it is decided separately for each dialect.</summary>
/// <param name="Original">The result for the original dialect: that of the first delivery, also if this is a repeat.</param>
/// <param name="Direct2">The number of connections that speak <c>direct.2</c> and have received it, now or before.</param>
/// <param name="Visible">
/// Completes when more of the log is known, if earlier messages are missing; otherwise null. The signal must not be acknowledged before another delivery
/// says so.
/// </param>
internal readonly record struct StampedDelivery(Delivery Original, int Direct2, Task? Visible)
{
    public StampedDelivery(ReceiptStatus status, KeptDelivery delivery)
        : this(new Delivery(status, delivery.Original), delivery.Direct2, delivery.Visible)
    {
    }

    /// <summary>Gets the result for the receipt.</summary>
    public Delivery Total => Original.Status is ReceiptStatus.Delivered ? Original with { Connections = Original.Connections + Direct2 } : Original;
}
