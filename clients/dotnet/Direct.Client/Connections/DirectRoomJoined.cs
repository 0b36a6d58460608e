namespace Direct.Client;

/// <summary>Reports that a room is live, at first and after every reconnect. The original dialect does not confirm joins, so there is no such event with it.</summary>
/// <param name="Room">The room.</param>
public sealed record DirectRoomJoined(DirectRoom Room) : DirectEvent;
