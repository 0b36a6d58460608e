namespace Direct.Client;

/// <summary>Represents one signal of a batch.</summary>
/// <param name="Part">The connections that get the message.</param>
/// <param name="Message">The message, at most 64 KiB in UTF-8. It may be empty.</param>
/// <param name="Id">
/// The caller's own name for the signal, 1 to 128 visible ASCII characters, such as <c>order-4711-paid</c>. A repeat with the same id, part and message within 5 minutes is
/// delivered once. If it is null, the client makes one.
/// </param>
public sealed record DirectSignal(DirectPart Part, string Message, string? Id = null);
