using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>Represents the membership of a connection in a room, from a join on until the room is left.</summary>
/// <param name="Room">The room.</param>
/// <param name="Topic">The membership in the topic of the room. A connection that leaves the room and joins it again has another one.</param>
internal readonly record struct RoomMembership(RoomId Room, Membership Topic);
