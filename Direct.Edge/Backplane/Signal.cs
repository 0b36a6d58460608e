using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Represents a message for connections: a backend's signal or a client's broadcast.</summary>
/// <param name="Topic">The topic that it is published to.</param>
/// <param name="Target">The connections that it is for, within the topic.</param>
/// <param name="Payload">
/// UTF-8 text, at most as long as the limits of messages and signals allow. It is valid only during the call that passes it, and is copied if it is kept.
/// </param>
/// <param name="Id">
/// The backend's id, 1 to 128 visible ASCII characters, which identifies a repeat; null if it gave none. That of a client has its user and a space in front.
/// </param>
/// <param name="NeedsReceipt">Whether the publisher uses the receipt. A client's broadcast has none.</param>
/// <param name="TraceParent">
/// The span that the signal belongs to, in the form of W3C Trace Context's <c>traceparent</c>; null unless it is traced.
/// </param>
public readonly record struct Signal(
    Topic Topic, Target Target, ReadOnlyMemory<byte> Payload, string? Id = null, bool NeedsReceipt = true, string? TraceParent = null);
