namespace Direct.Client;

/// <summary>Represents a message, from a backend or from a member of a room.</summary>
/// <param name="Part">
/// The topic that the message was sent to: a group (<c>7,0,0</c>), a channel, a room (<c>7,1,0</c>), the user (<c>0,0,42</c>) or everyone. Null if the gateway speaks the original dialect,
/// which does not say it.
/// </param>
/// <param name="Text">The text, which may be empty.</param>
public sealed record DirectMessage(DirectPart? Part, string Text) : DirectEvent;
