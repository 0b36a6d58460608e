using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>A message on its way to the connections that it is for: a backend's signal, or a client's broadcast.</summary>
/// <param name="Topic">The topic that it is published to.</param>
/// <param name="Target">The connections that it is for, within the topic.</param>
/// <param name="Payload">UTF-8 text, at most the larger of the two message limits. Valid only during the call that passes it: who keeps it copies it.</param>
/// <param name="Id">The backend's own id, 1 to 128 visible ASCII characters, by which a repeat is known; null when it gave none.</param>
/// <param name="NeedsReceipt">Whether the publisher will look at the receipt; a client's broadcast has nobody to tell.</param>
/// <param name="TraceParent">The span that it is part of, in the form of W3C Trace Context's <c>traceparent</c>; null unless it is traced.</param>
public readonly record struct Signal(
    Topic Topic, Target Target, ReadOnlyMemory<byte> Payload, string? Id = null, bool NeedsReceipt = true, string? TraceParent = null);
