namespace Direct.Edge.Connections;

/// <summary>The result of some input.</summary>
/// <param name="Consumed">Bytes handled; the rest is the start of a frame that is not whole yet, or waits for <paramref name="Pending"/>.</param>
/// <param name="Pending">When set, input is held until it completes; then the rest is to be handed in again.</param>
internal readonly record struct Reception(int Consumed, Task? Pending);
