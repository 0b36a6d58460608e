namespace Direct.Client;

/// <summary>Reports that messages before this event may be missing. Fetch the state from the backend; the messages that follow are complete again.</summary>
/// <param name="Part">
/// The topic whose messages may be missing. Null means all topics, after a reconnect from or to the original dialect: it comes a second after the state, because that dialect does not
/// confirm joins.
/// </param>
public sealed record DirectGap(DirectPart? Part) : DirectEvent;
