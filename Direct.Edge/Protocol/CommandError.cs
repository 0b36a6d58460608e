namespace Direct.Edge.Protocol;

/// <summary>
/// Represents why a command of <c>direct.2</c> was refused while the connection stays open; docs/protocol2.md has the same table. As with
/// <see cref="CloseReason"/>, the same command may succeed later with codes 4000-4499, and not with 4500-4999.
/// </summary>
/// <param name="Code">The code on the wire.</param>
/// <param name="Label">The name in the documentation.</param>
/// <param name="Text">The text on the wire: at most 123 bytes of ASCII.</param>
internal sealed record CommandError(ushort Code, string Label, string Text)
{
    public static readonly CommandError BinaryFrame = new(1003, "binary_frame", "commands come in text frames");
    public static readonly CommandError UnreadableCommand = new(1008, "unreadable_command", "the line is not a command");

    public static readonly CommandError SessionsUnavailable = new(4005, "sessions_unavailable", "sessions cannot be checked now, the old one stays in force");
    public static readonly CommandError SubscribeTimeout = new(4006, "subscribe_timeout", "the cluster did not confirm in time, join again");
    public static readonly CommandError NodeFull = new(4010, "node_full", "no memory for more rooms on this node now, join again later");
    public static readonly CommandError AddressLimit = new(4011, "address_limit", "over the limit of joins per second from one address, join again later");
    public static readonly CommandError RightsUnavailable = new(4014, "rights_unavailable", "rights cannot be checked now, try again later");
    public static readonly CommandError NotAccepted = new(4015, "not_accepted", "not accepted in time, but it may be delivered: say it again only with the same id");
    public static readonly CommandError IdsExhausted = new(4016, "ids_exhausted", "too many ids are remembered of this user or in all, say it again later");

    public static readonly CommandError NotAllowed = new(4502, "not_allowed", "not allowed in this room");
    public static readonly CommandError NoRoom = new(4503, "no_room", "0,0 is not a room");
    public static readonly CommandError NotJoined = new(4504, "not_joined", "the room is not joined");
    public static readonly CommandError RoomLimit = new(4505, "room_limit", "too many rooms for one connection");
    public static readonly CommandError SinceLimit = new(4506, "since_limit", "too many 'since' without a 'join' that needs them");
    public static readonly CommandError IdReused = new(4507, "id_reused", "the id was used for another room or text");

    /// <summary>Gets whether the same command may succeed later.</summary>
    public bool MayRetry => Code is >= 4000 and < 4500;

    /// <summary>Gets all errors.</summary>
    public static IReadOnlyList<CommandError> All { get; } =
    [
        BinaryFrame, UnreadableCommand,
        SessionsUnavailable, SubscribeTimeout, NodeFull, AddressLimit, RightsUnavailable, NotAccepted, IdsExhausted,
        NotAllowed, NoRoom, NotJoined, RoomLimit, SinceLimit, IdReused,
    ];
}
