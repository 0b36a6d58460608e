namespace Direct.Crash.Tests.Histories;

/// <summary>Represents the receivers of a message: a signal's target, or the room of the broadcasting client.</summary>
/// <param name="IsLobby">Whether the message is for connections that have joined nothing; the ids are 0 then.</param>
internal readonly record struct Aim(long Group, long Channel, long User, bool IsLobby = false)
{
    public static readonly Aim Lobby = new(0, 0, 0, IsLobby: true);

    /// <summary>Returns the topic that the message is published through, which keeps one order.</summary>
    public (string Kind, long Id, long ChannelId) Topic => this switch
    {
        { IsLobby: true } => ("lobby", 0, 0),
        { User: not 0 } => ("user", User, 0),
        { Group: not 0, Channel: not 0 } => ("room", Group, Channel),
        { Group: not 0 } => ("group", Group, 0),
        { Channel: not 0 } => ("channel", Channel, 0),
        _ => ("all", 0, 0),
    };

    /// <summary>Returns the name that direct.2 gives the topic.</summary>
    public string TopicPart => User == 0 ? Part : FormattableString.Invariant($"0,0,{User}");

    public string Part => FormattableString.Invariant($"{Group},{Channel},{User}");

    /// <summary>Returns whether connections in this group and channel match, without regard to the user.</summary>
    public bool MatchesPlace(long group, long channel) => IsLobby
        ? group == 0 && channel == 0
        : (Group == 0 || Group == group) && (Channel == 0 || Channel == channel);

    public override string ToString() => IsLobby ? "lobby" : Part;
}
