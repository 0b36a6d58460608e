namespace Direct.Edge.Keeping;

/// <summary>Represents what became of a message that a keeper has received.</summary>
/// <param name="Original">The number of connections of the original dialect that have it.</param>
/// <param name="Direct2">The number of connections that speak <c>direct.2</c> and have it.</param>
/// <param name="Visible">Completes when the log has changed, if earlier messages are missing; otherwise null. The message is not acknowledged before.</param>
internal readonly record struct KeptDelivery(int Original, int Direct2, Task? Visible = null);
