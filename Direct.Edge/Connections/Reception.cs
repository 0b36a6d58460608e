namespace Direct.Edge.Connections;

/// <summary>Represents the result of handling input.</summary>
/// <param name="Consumed">
/// The number of bytes handled. The rest is the beginning of a frame that is not complete, or waits for <paramref name="Pending"/>.
/// </param>
/// <param name="Pending">If not null, the rest of the input must be passed again when this task completes.</param>
internal readonly record struct Reception(int Consumed, Task? Pending);
