namespace Direct.Client;

/// <summary>Reports that the connection is no longer in a room, or was not let in, and does not join it again by itself.</summary>
/// <param name="Room">The room.</param>
/// <param name="Code">The error code, 4500 to 4999.</param>
/// <param name="Reason">What the gateway said.</param>
public sealed record DirectRoomLost(DirectRoom Room, int Code, string Reason) : DirectEvent;
