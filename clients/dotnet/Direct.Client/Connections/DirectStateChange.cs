namespace Direct.Client;

/// <summary>Reports a new state of the connection.</summary>
/// <param name="State">The new state.</param>
/// <param name="Code">The close code that ended the connection before. Null if there was none.</param>
/// <param name="Reason">Why the connection before ended. Null if nothing ended.</param>
public sealed record DirectStateChange(DirectConnectionState State, int? Code = null, string? Reason = null) : DirectEvent;
